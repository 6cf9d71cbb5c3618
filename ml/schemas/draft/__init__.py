"""From a lender's table to a schema that trains as it stands."""

from ml.schemas.draft.columns import ColumnDraft
from ml.schemas.draft.draft import Draft, draft_schema
from ml.schemas.draft.outcome import OutcomeValues, likely_outcome, outcome_values, read_headings

__all__ = [
    "ColumnDraft", "Draft", "OutcomeValues", "draft_schema", "likely_outcome", "outcome_values",
    "read_headings",
]  # fmt: skip
