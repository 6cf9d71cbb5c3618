"""From a lender's table to a schema that trains as it stands."""

from ml.schemas.draft.columns import ColumnDraft
from ml.schemas.draft.draft import Draft, draft_schema

__all__ = ["ColumnDraft", "Draft", "draft_schema"]
