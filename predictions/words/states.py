"""The states of applications in words."""

# By the values of `ApplicationState`.
STATE_WORDS = {
    "scored": "Not decided",
    "waiting": "Waiting for a decision",
    "on_hold": "On hold",
    "proposed": "Waiting for a second person",
    "decided": "Decided",
    "withdrawn": "Withdrawn",
    "merged": "Merged into another application",
}
