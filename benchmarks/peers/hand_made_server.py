"""The best hand-made server: Starlette, msgspec and the article's model compiled, with the article's format.

No credentials, no validation beyond the types, nothing stored.
"""

import itertools

import article_forest as forest
import msgspec
import numpy as np
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


class _Record(msgspec.Struct, gc=False):
    Loan_ID: str
    Education: str
    ApplicantIncome: float
    CoapplicantIncome: float
    Property_Area: str
    Gender: str | None = None
    Married: str | None = None
    Dependents: str | None = None
    Self_Employed: str | None = None
    LoanAmount: float | None = None
    Loan_Amount_Term: float | None = None
    Credit_History: float | None = None


class _Answer(msgspec.Struct, gc=False):
    loan_id: str = msgspec.field(name="0")
    approved: int = msgspec.field(name="1")


_fills = {column: fill for column, fill, _ in forest.CODINGS}
_codes = {
    column: codes | {None: codes.get(fill)} for column, fill, codes in forest.CODINGS if codes is not None
}
_gender, _married, _dependents = _codes["Gender"], _codes["Married"], _codes["Dependents"]
_education, _employed, _area = _codes["Education"], _codes["Self_Employed"], _codes["Property_Area"]
_amount, _term, _history = _fills["LoanAmount"], _fills["Loan_Amount_Term"], _fills["Credit_History"]
_text = msgspec.json.Decoder(str)
_records = msgspec.json.Decoder(list[_Record])
_json = msgspec.json.Encoder()


async def predict(request: Request) -> Response:
    records = _records.decode(_text.decode(await request.body()))
    pairs = zip(records, _approved(records), strict=True)
    answers = [_Answer(record.Loan_ID, answer) for record, answer in pairs]
    reply = _json.encode({"predictions": _json.encode(answers).decode()})
    return Response(reply, media_type="application/json")


def _approved(records: list[_Record]) -> list[int]:
    """Return 1 or 0 of each record."""
    if len(records) == 1:
        return [int(forest.approved(*_coded(records[0])))]
    cells = itertools.chain.from_iterable(map(_coded, records))
    inputs = np.fromiter(cells, np.float32, len(records) * len(forest.CODINGS))
    answers = np.empty(len(records), np.bool_)
    forest.approved_rows(inputs.reshape(len(records), -1), answers)
    return answers.view(np.int8).tolist()


def _coded(record: _Record) -> tuple[float, ...]:
    """Return the forest's inputs in the order of its codings."""
    return (
        _gender[record.Gender],
        _married[record.Married],
        _dependents[record.Dependents],
        _education[record.Education],
        _employed[record.Self_Employed],
        record.ApplicantIncome,
        record.CoapplicantIncome,
        _amount if record.LoanAmount is None else record.LoanAmount,
        _term if record.Loan_Amount_Term is None else record.Loan_Amount_Term,
        _history if record.Credit_History is None else record.Credit_History,
        _area[record.Property_Area],
    )


application = Starlette(routes=[Route("/predict", predict, methods=["POST"])])
