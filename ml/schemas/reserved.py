"""Names that no column may have, compared exactly as spelt.

They are fields of replies and files, and filters.

A test of the site compares this list with its replies and filters.
"""

RESERVED = (
    "Loan_ID",
    "applicant",
    "applicant_text",
    "approval_probability",
    "approved",
    "attr",
    "base",
    "batch",
    "causes",
    "code",
    "created_at",
    "decided_at",
    "decided_by",
    "decision",
    "decision_code",
    "decision_note",
    "detail",
    "errors",
    "id",
    "index",
    "inputs",
    "log_odds",
    "missing",
    "model_version",
    "outcome",
    "override",
    "owner",
    "policy",
    "predictions",
    "product",
    "reasons",
    "refer_high",
    "refer_low",
    "remarks",
    "request_id",
    "scored_by",
    "source",
    "threshold",
    "updated_at",
    "warnings",
)
