"""Exports of a scorecard: JSON for other programs, SQL that scores a table inside its database."""

import dataclasses
import math
from collections.abc import Mapping

from ml.applications.plausibility import RemarkFinder
from ml.errors import ExportError
from ml.expressions.nodes import Code, Worst
from ml.schemas.model_columns import ModelColumn
from ml.schemas.schema import Schema
from ml.scorecard.outcomes import DecisionRule
from ml.scorecard.policy_rules import rules_to_facts
from ml.scorecard.scorecard import Scorecard
from ml.scorecard.scores import Predictor
from ml.sql import dialect_of

EXPORT_FORMAT = "loansite-export"
EXPORT_VERSION = 2  # until 0.6.0 the number was that of the points table, 1 or 2, without `causes`
FIRST_RULE = DecisionRule(0.5)
"""The rule of a site's first policy."""

ExportFacts = Mapping[str, str | int | bool]

_ANY = (-math.inf, math.inf)
# Beside the key's column.
_RESULTS = (
    "approval_probability", "outcome", "log_odds", "reason_1", "reason_2", "reason_3", "reason_4", "approved",
    "causes", "remarks",
)  # fmt: skip
_RULES = {
    "bins": "Where a column has edges, bin 0 is below the first edge; bin i holds edges[i-1] <= value < "
    "edges[i]; bin len(edges) is from the last edge up. Where it has groups, bin i is for the codes in "
    "groups[i]. The last bin is for a missing value.",
    "special": "Where a column has values in special, each of them has a bin of its own behind those of "
    "edges or groups, in the same order.",
    "unseen": "Where a column has codes in unseen, the last bin but one is for these, which no training row "
    "had.",
    "value": "A formula. Where it is the name of a category, the value is the place of its text in codes, "
    "from 0; a text that is not there is missing.",
    "missing": "A formula is missing when a value that it computes with is missing, or when it divides by 0. "
    "Numbers below 1e-15 in size are read as 0.",
    "worst_if": "Where this formula holds, the value is worst, even if it is missing: above every edge "
    "if worst is 'highest', below every edge if it is 'lowest'.",
    "log_odds": "base + points of one bin of each column",
    "approval_probability": "1 / (1 + exp(-log_odds))",
    "outcome": "denied where a rule with the action deny holds; else refer where there is a cause; else "
    "approved when approval_probability >= threshold, else denied",
    "causes": "band: refer_low <= approval_probability < refer_high. gap, if refer_gaps: of the columns with "
    "their last bin and a missing source, each takes its lowest and its highest other points; the two "
    "probabilities lie on both sides of the threshold, and no rule denies. remark:CODE, if remarks is "
    "'refer': a remark holds, and no remark of the same code that refers nothing. rule:CODE: the formula of "
    "a rule holds; one that is missing does not. limit:amount: the amount is above limit_amount.",
    "reasons": "the at most four columns with points below 0, lowest points first; of equal ones, in the "
    "order of the columns",
}


def to_json(
    model: Predictor,
    *,
    facts: ExportFacts,
    rule: DecisionRule = FIRST_RULE,
    remarks: RemarkFinder | None = None,
) -> dict[str, object]:
    """Return a scorecard as plain JSON values with the rules to score by hand.

    Parameters
    ----------
    facts : mapping
        Facts about the model, such as its version, training date and training data.
    rule : DecisionRule
        The policy.
    remarks : RemarkFinder, optional
        Finds the remarks of the model; without, those that need no training values.

    Returns
    -------
    dict
        `Scorecard.from_json` restores the points table from ``scorecard``, with the schema that
        `schema_from_document` makes of ``schema``.

    Raises
    ------
    ExportError
        If `model` is not a scorecard, or the threshold is not between 0 and 1.
    """
    scorecard = _scorecard_of(model)
    finder = remarks or RemarkFinder(scorecard.schema)
    return {
        "format": EXPORT_FORMAT,
        "version": EXPORT_VERSION,
        "model": dict(facts),
        "policy": _policy_json(_checked(rule)),
        "rules": _RULES,
        "asked_for": {"amount": scorecard.schema.amount, "term": scorecard.schema.term},
        "columns": [_column_json(entry.model_column, scorecard.schema) for entry in scorecard.columns],
        "remarks": _remarks_json(finder, scorecard.schema),
        "schema": scorecard.schema.document,
        "scorecard": scorecard.to_json(),
    }


def to_sql(
    model: Predictor,
    *,
    dialect: str,
    table: str = "applicants",
    key: str | None = None,
    rule: DecisionRule = FIRST_RULE,
    remarks: RemarkFinder | None = None,
    facts: ExportFacts | None = None,
) -> str:
    """Return one SELECT that scores every row of a table with the columns of the model's schema.

    The result columns are the key, approval_probability, outcome, log_odds, reason_1 to reason_4, approved,
    causes and remarks.

    Parameters
    ----------
    dialect : str
        ``"postgres"``, ``"sqlite"``, ``"duckdb"``, ``"mysql"`` (MariaDB too) or ``"spark"``.
    table : str
        ``table``, ``schema.table`` or ``catalogue.schema.table``, spelt as the database spells it.
    key : str, optional
        The column of the table that tells rows apart; by default the schema's ID, or ``Loan_ID`` if it makes
        IDs.
    rule : DecisionRule
        The policy; by default that of a new site.
    remarks : RemarkFinder, optional
        Finds the remarks of the model; without, those that need no training values.
    facts : mapping, optional
        Facts about the model, for the comment above the query.

    Raises
    ------
    ExportError
        If `model` is not a scorecard, `dialect` is unknown, `table` or `key` is not a plain name, the
        threshold is not between 0 and 1, or SQL cannot express a number of the points table.

    Examples
    --------
    >>> from ml.products.loan_prediction.schema import built_in
    >>> from ml.scorecard.scorecard_columns import Bin, ScorecardColumn
    >>> bins = [Bin("no", -2.0, 40, 4), Bin("yes", 0.5, 200, 160), Bin("not given", 0.0, 0, 0)]
    >>> history = ScorecardColumn(built_in().by_model_column["Credit_History"], bins, edges=[1.0])
    >>> scorecard = Scorecard(built_in(), 0.7, [history])
    >>> query = to_sql(scorecard, dialect="duckdb", table="lending.applicants", facts={"model_version": 3})
    >>> for line in query.splitlines()[:3]:
    ...     print(line)
    -- format: loansite-export 2
    -- dialect: duckdb
    -- product: loan-prediction
    """
    from ml.sql.select import Policy, scorecard_select  # loads sqlglot
    from ml.sql.words import quoted_table

    scorecard = _scorecard_of(model)
    policy = Policy(_checked(rule), remarks or RemarkFinder(scorecard.schema))
    query = scorecard_select(
        scorecard, quoted_table(table), _checked_key(key, scorecard.schema), policy, dialect_of(dialect)
    )
    text = query.sql(dialect=dialect, pretty=True, copy=False)
    return "\n".join([*_header(scorecard, dialect, rule, facts or {}), text, ""])


def _scorecard_of(model: Predictor) -> Scorecard:
    if not isinstance(model, Scorecard):
        raise ExportError(
            "Only a scorecard can be exported; this model is a pipeline without a points table. "
            "Export a version of the recipe scorecard."
        )
    return model


def _checked(rule: DecisionRule) -> DecisionRule:
    if not 0 <= rule.threshold <= 1:
        raise ExportError(f"The threshold is {rule.threshold!r}; expected a probability from 0 to 1.")
    return rule


def _checked_key(key: str | None, schema: Schema) -> str:
    name = schema.id_field if key is None else key
    if not name or not name.isprintable() or "`" in name:
        raise ExportError(f"The key is {name!r}; expected a column of the table, without back-ticks.")
    if name.casefold() in _RESULTS:
        raise ExportError(
            f"The key {name!r} is also a column of the result ({', '.join(_RESULTS)}); "
            "rename it in a view of the table."
        )
    return name


def _column_json(column: ModelColumn, schema: Schema) -> dict[str, object]:
    declared = {entry["name"]: entry for entry in schema.document.get("model_column", ())}
    entry = declared.get(column.column, {"value": {"text": column.column}})
    document: dict[str, object] = {
        "column": column.column,
        "label": column.label,
        "sources": list(column.sources),
        "value": entry["value"]["text"],
        "unit": column.unit,
        "choices": list(column.choices),
    }
    if isinstance(column.tree, Code):
        document["codes"] = list(column.tree.values)
    if isinstance(column.tree, Worst):
        document["worst_if"] = entry["worst_if"]["text"]
        document["worst"] = "highest" if column.tree.highest else "lowest"
    return document


def _remarks_json(finder: RemarkFinder, schema: Schema) -> dict[str, object]:
    """Return the remarks in their order: about numbers, declared in the schema, about choices."""
    return {
        "unusual_value": {r.feature.column: list(r.usual) for r in finder.numbers if _is_bounded(r.usual)},
        "outside_training_range": {
            r.feature.column: list(r.trained) if _is_bounded(r.trained) else []
            for r in finder.numbers
            if r.trained != _ANY
        },
        "declared": [
            {"code": rule.code, "column": rule.column, "when": entry["when"]["text"], "refers": rule.refers}
            for rule, entry in zip(schema.remarks, schema.document.get("remark", ()), strict=True)
        ],
        "unseen_value": {
            feature.column: [value for value in feature.values if value in unseen]
            for feature, unseen in finder.unseen.items()
        },
    }


def _is_bounded(ends: tuple[float, float]) -> bool:
    return all(map(math.isfinite, ends))


def _header(scorecard: Scorecard, dialect: str, rule: DecisionRule, facts: ExportFacts) -> list[str]:
    schema = scorecard.schema
    columns = (f"{place} {entry.column}" for place, entry in enumerate(scorecard.columns, 1))
    comments: dict[str, object] = {
        "format": f"{EXPORT_FORMAT} {EXPORT_VERSION}",
        "dialect": dialect,
        "product": schema.name,
        "schema_sha256": schema.digest,
        "approved_means": schema.target.means,
        **facts,
        "policy_rule": _rule_words(rule),
        "columns": ", ".join(columns),
    }
    return [f"-- {name}: {_one_line(value)}" for name, value in comments.items()]


def _rule_words(rule: DecisionRule) -> str:
    facts = _policy_json(rule)
    rules = "".join(f", rule {r.code}: {r.action} where {r.text}" for r in rule.rules)
    named = (f"{name} {value}" for name, value in facts.items() if value is not None and name != "rules")
    return ", ".join(named) + rules


def _policy_json(rule: DecisionRule) -> dict[str, object]:
    facts = {entry.name: getattr(rule, entry.name) for entry in dataclasses.fields(rule)}
    return facts | {"rules": rules_to_facts(rule.rules)}


def _one_line(value: object) -> str:
    """Replace line breaks and unprintable characters by spaces, so that no value ends its comment."""
    return "".join(letter if letter.isprintable() else " " for letter in str(value))
