"""Names that no column may have, compared exactly as spelt.

They are fields of replies and of files of results, and filters.

A test of the site compares this list with its replies and filters.
"""

RESERVED = (
    "Loan_ID",
    "applicant",
    "approval_probability",
    "approved",
    "attr",
    "base",
    "batch",
    "causes",
    "code",
    "created_at",
    "detail",
    "errors",
    "id",
    "index",
    "inputs",
    "log_odds",
    "missing",
    "model_version",
    "outcome",
    "owner",
    "policy",
    "predictions",
    "product",
    "reasons",
    "remarks",
    "request_id",
    "source",
    "threshold",
    "updated_at",
    "warnings",
)
