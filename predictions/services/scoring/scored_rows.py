"""What one call stored, as callers see it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from ml.applications.plausibility import Remark
from ml.applications.records import json_lines
from predictions.services.scoring.scored import Scored, pieces
from predictions.services.scoring.verdicts import Verdict
from predictions.services.writing.inserts import as_json


@dataclass(frozen=True, slots=True)
class ScoredRows:
    """Stored predictions in their order; a row takes its shape when somebody asks for it."""

    ids: Sequence[int]
    loan_ids: Sequence[str]
    verdicts: Sequence[Verdict]
    remarks: Mapping[int, list[Remark]]  # by row
    notices: list[Remark]  # of the model: the same for all rows
    model_version: int
    created_at: datetime
    request_id: str

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[Scored]:
        return map(self.__getitem__, range(len(self)))

    def __getitem__(self, row: int) -> Scored:
        scored: Scored = msgspec.structs.replace(
            self.verdicts[row].scored,
            id=self.ids[row],
            loan_id=self.loan_ids[row],
            warnings=[*self.remarks.get(row, ()), *self.notices],
            model_version=self.model_version,
            created_at=self.created_at,
            request_id=self.request_id,
        )
        return scored

    def json(self) -> msgspec.Raw:
        """Return all rows as a JSON array, put together of ready pieces: much quicker than to encode it."""
        end = pieces(self[0]).call
        warnings = {row: as_json([*found, *self.notices]) for row, found in self.remarks.items()}
        no_remark = as_json(self.notices)
        facts = zip(self.ids, json_lines(self.loan_ids), self.verdicts, strict=True)
        rows = [
            f'{{"id":{pk},"Loan_ID":{loan_id}{verdict.piece}"warnings":{warnings.get(row, no_remark)}{end}'
            for row, (pk, loan_id, verdict) in enumerate(facts)
        ]
        return msgspec.Raw(f"[{','.join(rows)}]".encode())
