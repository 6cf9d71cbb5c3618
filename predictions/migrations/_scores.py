"""Moving log-odds, missing columns and gaps of predictions to their explanations, and back.

Predictions whose explanation has no log-odds still need it. Each distinct score gets an explanation of its own,
beside the one without a score, which later predictions of the earlier version may go on using.
"""

import hashlib
from typing import Any

import msgspec

_ENCODER = msgspec.json.Encoder(order="sorted")
_CHUNK = 1_000
_SCORES = """CREATE TEMPORARY TABLE scores AS
SELECT ROW_NUMBER() OVER () AS place, explanation_id, log_odds, missing, gaps,
CAST('' AS varchar(64)) AS digest, CAST(0 AS bigint) AS made
FROM (
    SELECT DISTINCT explanation_id, log_odds, missing, gaps FROM predictions_prediction
    WHERE explanation_id IN (SELECT id FROM predictions_explanation WHERE log_odds IS NULL)
) AS stored"""
_PLACES = "CREATE UNIQUE INDEX scores_by_place ON scores (place)"
_READ = """SELECT s.place, e.digest, s.log_odds, CAST(s.missing AS text), CAST(s.gaps AS text)
FROM scores s JOIN predictions_explanation e ON e.id = s.explanation_id"""
_NAME = "UPDATE scores SET digest = %s WHERE place = %s"
_MAKE = """INSERT INTO predictions_explanation (digest, base, reasons, log_odds, missing, gaps)
SELECT s.digest, e.base, e.reasons, s.log_odds, s.missing, s.gaps
FROM scores s JOIN predictions_explanation e ON e.id = s.explanation_id WHERE true
ON CONFLICT (digest) DO NOTHING"""
_NUMBER = (
    "UPDATE scores SET made = (SELECT e.id FROM predictions_explanation e WHERE e.digest = scores.digest)"
)
_INDEX = "CREATE INDEX scores_by_explanation ON scores (explanation_id, log_odds)"
_SAME = {"sqlite": "IS", "postgresql": "IS NOT DISTINCT FROM"}
_MOVE = """UPDATE predictions_prediction SET explanation_id = (
    SELECT s.made FROM scores s
    WHERE s.explanation_id = predictions_prediction.explanation_id
    AND s.log_odds = predictions_prediction.log_odds AND s.missing = predictions_prediction.missing
    AND s.gaps {same} predictions_prediction.gaps
) WHERE explanation_id IN (SELECT explanation_id FROM scores)"""
_COLUMNS = {
    "sqlite": ["missing text NOT NULL DEFAULT '[]'", "gaps text NULL", "log_odds real NOT NULL DEFAULT 0"],
    "postgresql": [
        "missing jsonb NOT NULL DEFAULT '[]'",
        "gaps jsonb NULL",
        "log_odds double precision NOT NULL DEFAULT 0",
    ],
}
_BACK = """UPDATE predictions_prediction SET missing = e.missing, gaps = e.gaps, log_odds = e.log_odds
FROM predictions_explanation e WHERE e.id = predictions_prediction.explanation_id AND e.log_odds IS NOT NULL"""
# Scores are looked up by digest. A row that loses its score must not be found when they come again.
_LOSE_DIGEST = "UPDATE predictions_explanation SET digest = 'returned-' || id WHERE log_odds IS NOT NULL"


def fill_explanations(apps: Any, schema_editor: Any) -> None:
    """Give each prediction an explanation that has its score. May run again: only what is left is moved."""
    vendor = schema_editor.connection.vendor
    with schema_editor.connection.cursor() as cursor:
        for statement in (_SCORES, _PLACES, _READ):
            cursor.execute(statement)
        named = [(_digest(*row), place) for place, *row in cursor.fetchall()]
        for start in range(0, len(named), _CHUNK):
            cursor.executemany(_NAME, named[start : start + _CHUNK])
        for statement in (_MAKE, _NUMBER, _INDEX, _MOVE.format(same=_SAME[vendor]), "DROP TABLE scores"):
            cursor.execute(statement)


def _digest(explanation: str, log_odds: float, missing: str, gaps: str | None) -> str:
    """Return what `ScoredKind.digest` was when this was written."""
    score = log_odds, msgspec.json.decode(missing), gaps and msgspec.json.decode(gaps)
    return hashlib.sha256(explanation.encode() + _ENCODER.encode(score)).hexdigest()


def drop_scores(apps: Any, schema_editor: Any) -> None:
    """Drop the columns of predictions, which Django would do by copying the table on SQLite."""
    for column in ("missing", "gaps", "log_odds"):
        schema_editor.execute(f"ALTER TABLE predictions_prediction DROP COLUMN {column}")


def restore_scores(apps: Any, schema_editor: Any) -> None:
    """Make the columns of predictions again, filled from the explanations."""
    for column in _COLUMNS[schema_editor.connection.vendor]:
        schema_editor.execute(f"ALTER TABLE predictions_prediction ADD COLUMN {column}")
    if schema_editor.connection.vendor == "postgresql":
        for column in ("missing", "log_odds"):
            schema_editor.execute(f"ALTER TABLE predictions_prediction ALTER COLUMN {column} DROP DEFAULT")
    schema_editor.execute(_BACK)
    schema_editor.execute(_LOSE_DIGEST)
