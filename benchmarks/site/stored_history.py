"""A year of stored predictions to time pages with, inserted by SQL.

A fifth of them came in the last hours, as after a batch. Every tenth application was scored again later. Half
of the referred ones wait: for several causes, some without an amount, some assigned or on hold.
"""

import sys
from typing import Any

from benchmarks.data import applications
from benchmarks.site.django_client import setup
from ml.products.loan_prediction.schema import built_in

SCHEMA = built_in()

_COUNTED = (
    "WITH RECURSIVE n(i) AS (SELECT CAST({start} AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {end}) "
)
_AT_ONCE = 1 << 16  # predictions between two turns of the worker, as on a site whose worker runs
_PREDICTIONS = """INSERT INTO predictions_prediction
({columns}, inputs, owner_id, loan_id, model_version_id, approval_probability, outcome, source, created_at)
{counted} SELECT {columns}, {inputs}, {owner},
'LP' || substr(CAST(100000000 + {first} + {application} AS TEXT), 2),
CASE WHEN i * 5 < {rows} * 2 THEN {older} ELSE {newer} END,
((i * 7919) % 10007) / 10007.0,
CASE WHEN (i * 7919) % 10007 < 3000 THEN 'denied' WHEN (i * 7919) % 10007 < 4000 THEN 'refer'
ELSE 'approved' END,
CASE WHEN i % 10 = 0 THEN 'form' ELSE 'api' END, {moment}
FROM n, predictions_prediction p WHERE p.id = {template}"""
# One prediction in 33 is decided, a tenth of them against the advice. Of referred ones, half are decided.
_DECISIONS = """INSERT INTO predictions_decision (prediction_id, verdict, override, code, note, by_id, at)
SELECT id, CASE WHEN id % 2 = 0 THEN 'approved' ELSE 'denied' END, id % 330 = 0, 'other', 'Known for years.',
owner_id, created_at FROM predictions_prediction
WHERE (id % 33 = 0 OR outcome = 'refer' AND id % 2 = 0) AND id > {first}"""
_REFERRALS = """INSERT INTO predictions_referral
(prediction_id, product_id, owner_id, loan_id, since, source, amount, causes, assigned_to_id, held_until)
SELECT MAX(id), {product}, owner_id, loan_id, MIN(created_at), MAX(source),
CASE WHEN MAX(id) % 29 > 0 THEN {amount} * ((MAX(id) * 7919) % 997 + 1) / 100.0 END,
CASE MAX(id) % 4 WHEN 0 THEN 'band' WHEN 2 THEN 'gap_Credit_History'
WHEN 1 THEN 'band; gap_Credit_History; remark_unusual' ELSE 'remark_unusual' END,
CASE WHEN MAX(id) % 41 = 0 THEN {reviewer} WHEN MAX(id) % 43 = 0 THEN {officer} END,
CASE WHEN MAX(id) % 47 = 0 THEN {hold} END
FROM predictions_prediction p WHERE outcome = 'refer' AND id > {first}
AND NOT EXISTS (SELECT 1 FROM predictions_decision d WHERE d.prediction_id = p.id)
GROUP BY owner_id, loan_id"""
_CLAIMS = """INSERT INTO predictions_claim (prediction_id, by_id, at)
SELECT prediction_id, assigned_to_id, since FROM predictions_referral
WHERE assigned_to_id IS NOT NULL AND prediction_id > {first}"""
_HOLDS = """INSERT INTO predictions_hold (prediction_id, asked, until, by_id, at)
SELECT prediction_id, 'The last payslips.', held_until, {reviewer}, since FROM predictions_referral
WHERE held_until IS NOT NULL AND prediction_id > {first}"""
_HOLD = {  # until ten days ago, or until in ten days
    "sqlite": "date('now', (MAX(id) / 47 % 21 - 10) || ' days')",
    "postgresql": "CURRENT_DATE + CAST(MAX(id) / 47 % 21 - 10 AS integer)",
}
# Those scored again have the ID of an application of the same owner.
_APPLICATION = "CASE WHEN i % 10 = 7 AND i > 300 THEN i - 300 ELSE i END"
_OWNER = "CASE WHEN i % 100 = 0 THEN {officer} WHEN i % 3 = 0 THEN {reviewer} ELSE {client} END"
_AGE = (  # in seconds
    "CASE WHEN i * 5 > {rows} * 4 THEN 18000.0 * ({rows} - i) / {rows} "
    "ELSE 3600.0 + 31536000.0 * ({rows} * 0.8 - i) / ({rows} * 0.8) END"
)
_MOMENT = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f000', 'now', '-' || ({age}) || ' seconds')",
    "postgresql": "now() - ({age}) * INTERVAL '1 second'",
}
# Amounts from 1 to 701, in an order that has nothing to do with that of probabilities.
_INPUTS = {
    "sqlite": "json_set(inputs, '$[{place}]', 1.0 + (i * 7907) % 701)",
    "postgresql": "jsonb_set(inputs, '{{{place}}}', to_jsonb(1.0 + (i * 7907) % 701))",
}
_DRAWN = {
    *("id", "owner", "loan_id", "model_version", "inputs"),
    *("approval_probability", "outcome", "source", "created_at"),
}


def fill(rows: int) -> None:
    """Store `rows` predictions by three owners and two versions, and their decisions."""
    from django.db import connection

    from predictions.models import Prediction
    from predictions.services.retention.settling import settle_entries
    from predictions.services.scoring.kept_counts import forget_counts
    from predictions.services.upkeep import keep_up

    template = _template()
    facts: dict[str, Any] = {
        "rows": rows, "owner": _OWNER.format(**_owners()), **_owners(), "hold": _HOLD[connection.vendor],
        "moment": _MOMENT[connection.vendor].format(age=_AGE.format(rows=rows)),
        "application": _APPLICATION,
        "inputs": _INPUTS[connection.vendor].format(place=SCHEMA.columns.index(SCHEMA.amount)),
        "first": Prediction.objects.latest("pk").pk,
        "newer": template.model_version_id, "older": _older(template.model_version), **_in_queue(template),
    }  # fmt: skip
    columns = (f.column for f in Prediction._meta.concrete_fields if f.name not in _DRAWN)
    names = ", ".join(filter(None, columns))
    with connection.cursor() as cursor:
        for start in range(1, rows + 1, _AT_ONCE):
            counted = _COUNTED.format(start=start, end=min(start + _AT_ONCE - 1, rows))
            cursor.execute(_PREDICTIONS.format(columns=names, template=template.pk, counted=counted, **facts))
            settle_entries()
        cursor.execute(_DECISIONS.format(**facts))
        for statement in (_REFERRALS, _CLAIMS, _HOLDS):
            cursor.execute(statement.format(**facts))
    forget_counts()
    keep_up()


def main() -> None:
    """Fill the site of this environment. The number of predictions is the only argument."""
    setup()
    fill(int(sys.argv[1]))


def _template() -> Any:
    """Return a scored prediction. All others copy the columns that no page filters by."""
    from django.contrib.auth import get_user_model

    from ml.applications.records import read_json_row
    from predictions.models import Prediction
    from predictions.services.scoring import scoring

    stored = Prediction.objects.filter(request_id="bench").order_by("pk")
    if not stored.exists():
        officer = get_user_model().objects.get(username="officer")
        record = read_json_row(SCHEMA, applications.rows(1)[0])
        source = Prediction.Source.FORM
        scoring.score_records(owner=officer, records=[record], source=source, request_id="bench")
    return stored.select_related("model_version")[0]


def _owners() -> dict[str, int]:
    from django.contrib.auth import get_user_model

    names = ["officer", "reviewer", "client"]
    return dict(get_user_model().objects.filter(username__in=names).values_list("username", "pk"))


def _in_queue(template: Any) -> dict[str, object]:
    """Return the values that the queue has of the template, as SQL."""
    return {"product": template.product_key, "amount": template.inputs[SCHEMA.amount]}


def _older(version: Any) -> int:
    """Return the id of a retired copy of the version, so that pages can filter by two."""
    from predictions.models import ModelVersion

    facts = {field.attname: getattr(version, field.attname) for field in version._meta.concrete_fields}
    del facts["artefact"]
    facts |= {"id": None, "status": ModelVersion.Status.RETIRED}
    return ModelVersion.objects.get_or_create(artefact="bench-older", defaults=facts)[0].pk


if __name__ == "__main__":
    main()
