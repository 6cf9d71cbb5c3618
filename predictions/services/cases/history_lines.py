"""The lines of the history's file, made from stored values.

No model instance is made for a row. Words that many rows share are worked out once for a file. What is
remembered is bounded, so that memory does not grow with the number of rows.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

import msgspec
from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import TextField
from django.db.models.functions import Cast

from ml.applications.plausibility import referring_remarks
from ml.applications.types import Value
from ml.scorecard.outcomes import DecisionRule, cause_codes, remark_codes
from ml.tables.safe_csv import END_OF_LINE, csv_cell
from predictions.live.schemas import schema_of_version
from predictions.models import Decision, Explanation, Policy, Prediction
from predictions.models.fields import inputs_by_column, read_inputs
from predictions.reading.keyset import among
from predictions.services.writing.audit import reasons_sentence
from predictions.words.times import site_time

_MAX_REMEMBERED = 10_000  # of each kind: a forest has an explanation for each row
_SHORT = 60  # characters of a note that others may share
_SECONDS_OF_SQLITE, _MICROS_OF_SQLITE = len("2026-01-31 10:00:00"), len("2026-01-31 10:00:00.000001")
_NO_REMARKS, _NO_GAPS = "[]", (None, "{}")  # as the databases write them
_decode = msgspec.json.decode


_StoredRow = tuple[int, str, str, float, int, int, int, int, str, str, str, str, str, str, str | None]
"""The values of a prediction that its line is made from: `_FIELDS`, and `_TEXTS` of the database."""

_FIELDS = (
    *("pk", "loan_id", "outcome", "approval_probability", "policy_id", "model_version_id"),
    *("explanation_id", "owner_id", "source", "request_id"),
)
_TEXTS = {
    f"{name}_text": Cast(name, TextField())
    for name in ("created_at", "inputs", "explanation__missing", "warnings", "explanation__gaps")
}
_EXPLANATION: Final = 6  # place in `_FIELDS`
_OWNER: Final = 7


class _StoredDecision(NamedTuple):
    prediction: int
    verdict: str
    override: bool
    code: str
    note: str
    applicant_text: str
    terms: Mapping[str, float] | None
    probability: float | None
    at: datetime
    by: str
    confirmed_by: str | None


_DECISION_FIELDS = (*_StoredDecision._fields[:-2], "by__username", "confirmed_by__username")
_NO_DECISION = "," * 9  # ten empty cells


class HistoryLines:
    """Makes the lines of one file.

    Parameters
    ----------
    columns
        The columns of values. A line leaves those empty that the schema of its version does not have.
    """

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = columns
        self._usernames: dict[int, str] = {}
        self._reasons: dict[int, str] = {}
        remember = functools.lru_cache(_MAX_REMEMBERED)
        self._text, self._hour = remember(csv_cell), remember(_hour)
        self._missing, self._remarks = remember(_missing), remember(_remarks)
        self._rule, self._terms = functools.cache(_rule), functools.cache(_terms)
        self._places = functools.cache(self._places_of)

    def of(self, keys: Sequence[int]) -> list[str]:
        """Return the lines of the predictions with these ids, in this order, without deleted ones."""
        rows = _stored_rows(keys)
        self._remember_usernames({row[_OWNER] for row in rows.values()})
        self._remember_reasons({row[_EXPLANATION] for row in rows.values()})
        decisions = _newest_decisions(keys, self._text)
        return [self._line(rows[pk], decisions.get(pk, _NO_DECISION)) for pk in keys if pk in rows]

    def _line(self, row: _StoredRow, decision: str) -> str:
        pk, loan_id, outcome, probability, policy, version, explanation, owner = row[:8]
        source, request, created_at, inputs, missing, remarks, _ = row[8:]
        text, values = self._text, _decode(inputs)
        return (
            f"{pk},{loan_id if loan_id.isalnum() else csv_cell(loan_id)},{self._time(created_at)},"
            f"{text(outcome)},{probability},{self._terms(policy)},{version},{self._inputs(version, values)},"
            f"{self._missing(missing)},{self._reasons[explanation]},"
            f"{self._causes(row, values)},{self._remarks(remarks)},"
            f"{decision},{self._usernames[owner]},{text(source)},{text(request)}{END_OF_LINE}"
        )

    def _time(self, text: str) -> str:
        """Return a time as the file has it; the zone's offset is looked up once for most hours."""
        if len(text) == _SECONDS_OF_SQLITE or (len(text) == _MICROS_OF_SQLITE and text[-6:] != "000000"):
            before, behind = self._hour(text[:13])
            if before:
                return f"{before}{text[13:]}{behind}"
        return _time(text)

    def _inputs(self, version: int, values: Sequence[Value]) -> str:
        places = self._places(version)
        if places is not None:
            values = [None if place is None else values[place] for place in places]
        text = self._text
        # Adding 0.0 makes a float of a whole number, and 0.0 of -0.0 (see `read_inputs`). Most numbers occur
        # once or twice in a file, so they are not remembered.
        cells = [
            text(value) if isinstance(value, str) else ("" if value is None else repr(value + 0.0))
            for value in values
        ]
        return ",".join(cells)

    def _places_of(self, version: int) -> list[int | None] | None:
        """Return the place of each column among a version's values; None if they are in the file's order.

        A column that the version does not have has the place None.
        """
        stored = [*schema_of_version(version).columns]
        if stored == [*self._columns]:
            return None
        return [stored.index(column) if column in stored else None for column in self._columns]

    def _causes(self, row: _StoredRow, values: Sequence[Value]) -> str:
        """Return the codes of `Prediction.causes`."""
        (probability, policy, version), (remarks, gaps) = row[3:6], row[13:]
        rule, has_checks = self._rule(policy)
        bare = remarks == _NO_REMARKS and not has_checks
        if bare and gaps in _NO_GAPS and not rule.in_band(probability):
            return ""
        schema = schema_of_version(version)
        given = {} if bare else inputs_by_column(version, read_inputs(values))
        referring = referring_remarks(schema, _decode(remarks), given)
        bounds = None if gaps is None else _decode(gaps)
        return csv_cell(
            cause_codes(rule.causes(schema, probability, bounds, referring, rule.held(schema, given)))
        )

    def _remember_usernames(self, keys: set[int]) -> None:
        if unknown := keys - self._usernames.keys():
            users = get_user_model().objects.filter(pk__in=unknown).values_list("pk", "username")
            self._usernames |= {pk: csv_cell(username) for pk, username in users}

    def _remember_reasons(self, keys: set[int]) -> None:
        unknown = keys - self._reasons.keys()
        if len(self._reasons) + len(unknown) > _MAX_REMEMBERED:
            self._reasons, unknown = {}, keys
        if unknown:
            explanations = Explanation.objects.filter(pk__in=unknown).values_list("pk", "reasons")
            self._reasons |= {pk: csv_cell(reasons_sentence(reasons)) for pk, reasons in explanations}


def _stored_rows(keys: Sequence[int]) -> dict[int, _StoredRow]:
    """Return the rows with these ids by id, and perhaps others.

    The driver's values are used as they are: Django would look at each for a converter.
    """
    rows = Prediction.objects.filter(among("pk", keys)).order_by().annotate(**_TEXTS)
    statement = rows.values_list(*_FIELDS, *_TEXTS).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(*statement)
        return {row[0]: row for row in cursor.fetchall()}


def _newest_decisions(keys: Sequence[int], text: Callable[[str | None], str]) -> dict[int, str]:
    """Return the cells of the newest decision of each prediction that has one; `text` remembers texts."""
    newest = Decision.objects.latest_of_each().filter(among("prediction", keys)).order_by()
    decisions = map(_StoredDecision._make, newest.values_list(*_DECISION_FIELDS))
    return {decision.prediction: _decision_cells(decision, text) for decision in decisions}


def _decision_cells(decision: _StoredDecision, text: Callable[[str | None], str]) -> str:
    note, told = (
        text(words) if len(words) <= _SHORT else csv_cell(words)
        for words in (decision.note, decision.applicant_text)
    )
    terms = "; ".join(f"{column}: {value:.10g}" for column, value in (decision.terms or {}).items())
    probability = "" if decision.probability is None else csv_cell(decision.probability)
    return (
        f"{text(decision.verdict)},{'yes' if decision.override else 'no'},{text(decision.code)},"
        f"{note},{told},{text(terms)},{probability},"
        f"{text(decision.by)},{text(decision.confirmed_by)},{site_time(decision.at).isoformat()}"
    )


def _rule(policy: int) -> tuple[DecisionRule, bool]:
    """Return the rule of a policy, and whether it has checks."""
    rule = Policy.objects.get(pk=policy).rule
    return rule, rule.has_checks


def _terms(policy: int) -> str:
    """Return the cells of a policy."""
    rule, _ = _rule(policy)
    return ",".join(map(csv_cell, (rule.threshold, rule.refer_low, rule.refer_high, policy)))


def _time(text: str) -> str:
    """Return a time as the file has it. SQLite writes no zone: what it stores is in UTC."""
    moment = datetime.fromisoformat(text)
    return site_time(moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()


def _hour(text: str) -> tuple[str, str]:
    """Return the start of a time of SQLite up to its hour, and its zone, as the file has them.

    Both are empty where minutes differ from those in UTC, or where the clocks change in the hour.
    """
    first, last = _time(f"{text}:00:00"), _time(f"{text}:59:59")
    is_whole = first[13:19] == ":00:00" and first[19:] == last[19:]
    return (first[:13], first[19:]) if is_whole else ("", "")


def _missing(text: str) -> str:
    return csv_cell("; ".join(_decode(text)))


def _remarks(text: str) -> str:
    return csv_cell(remark_codes(_decode(text)))
