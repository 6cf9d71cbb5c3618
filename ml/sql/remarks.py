"""Remarks about an application in SQL, and the causes that refer or deny it.

They come in the order of `ml.applications.plausibility`: about numbers, declared ones, unseen choices.
"""

import functools
import math
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

from sqlglot import exp

from ml.applications.plausibility import NumberRanges, RemarkFinder
from ml.schemas.features import Feature, Kind
from ml.schemas.schema import RemarkRule
from ml.scorecard.outcomes import BETWEEN_CODES, REFER, DecisionRule
from ml.scorecard.policy_rules import DENY, PolicyCheck
from ml.sql import Dialect
from ml.sql.cells import Cells
from ml.sql.points import HIGHEST, LOWEST, PROBABILITY
from ml.sql.stages import Stage
from ml.sql.words import any_of, edge_literal, integer, joined_texts, quoted_column, text_literal

REMARKS, REMARK_CAUSES = "remarks", "remark_causes"


@dataclass(frozen=True, slots=True)
class PossibleRemark:
    """A remark, and the test whether it holds; a test that is NULL does not."""

    code: str
    column: str
    holds: Callable[[], exp.Expr]
    refers: bool = True


class RemarkStages:
    """The stages that find remarks and the causes among them."""

    def __init__(self, finder: RemarkFinder, cells: Cells, dialect: Dialect) -> None:
        self._cells, self._dialect = cells, dialect
        self._rules = cells.schema.remarks
        self._possible = [
            *(remark for ranges in finder.numbers for remark in self._about_number(ranges)),
            *(self._declared(place, rule) for place, rule in enumerate(self._rules)),
            *(self._about_choice(feature, unseen) for feature, unseen in finder.unseen.items() if unseen),
        ]
        self._codes = list(dict.fromkeys(remark.code for remark in self._possible if remark.refers))

    def flags(self) -> Stage:
        """Return for each declared remark 1 where it holds, else 0."""
        return {
            _flag(place).name: _one_if(self._cells.formula(r.when)) for place, r in enumerate(self._rules)
        }

    def remarks(self) -> Stage:
        """Return code and column of each remark as one text (`ml.scorecard.outcomes.remark_codes`)."""
        if not self._possible:
            return {REMARKS: text_literal("")}
        parts = [_text_if(r.holds(), f"{BETWEEN_CODES}{r.code}: {r.column}") for r in self._possible]
        holds = any_of([exp.paren(remark.holds(), copy=False) for remark in self._possible])
        return {REMARKS: _where(holds, _without_first(joined_texts(parts)))}

    def firsts(self) -> Stage:
        """Return for each code the number of its first remark that holds, 0 if the code refers nothing."""
        return {_first(place).name: self._first_of(code) for place, code in enumerate(self._codes)}

    def causes(self) -> Stage:
        """Return the codes of the remarks that refer, each once and each after `BETWEEN_CODES`."""
        parts = [
            _text_if(exp.EQ(this=_first(place), expression=integer(number)), f"{BETWEEN_CODES}remark:{code}")
            for number, code, place in self._by_number()
        ]
        if not parts:
            return {REMARK_CAUSES: text_literal("")}
        return {REMARK_CAUSES: _where(_is_text(quoted_column(REMARKS)), joined_texts(parts))}

    def _by_number(self) -> Iterator[tuple[int, str, int]]:
        for number, remark in enumerate(self._possible, 1):
            if remark.code in self._codes:
                yield number, remark.code, self._codes.index(remark.code)

    def _first_of(self, code: str) -> exp.Expr:
        """A remark that refers nothing silences every other one of its code (`referring_remarks`)."""
        case = exp.case().when(exp.Not(this=_is_text(quoted_column(REMARKS))), integer(0), copy=False)
        numbered = [(n, remark) for n, remark in enumerate(self._possible, 1) if remark.code == code]
        for number, remark in sorted(numbered, key=lambda pair: pair[1].refers):
            case = case.when(remark.holds(), integer(number if remark.refers else 0), copy=False)
        return case

    def _about_number(self, ranges: NumberRanges) -> Iterator[PossibleRemark]:
        column = ranges.feature.column
        for code, (low, high) in (
            ("unusual_value", ranges.usual),
            ("outside_training_range", ranges.trained),
        ):
            if (low, high) != (-math.inf, math.inf):
                holds = functools.partial(self._is_outside, ranges.feature, low, high)
                yield PossibleRemark(code, column, holds)

    def _is_outside(self, feature: Feature, low: float, high: float) -> exp.Expr:
        """Test a number against a range; 0 and special codes are never outside."""
        cell = self._cells.cell(feature.column)
        others = [0.0, *(number for number, _ in feature.special)]
        tests: list[exp.Expr] = [
            exp.NEQ(this=cell.copy(), expression=self._number(number)) for number in others
        ]
        if low <= high:
            below = exp.LT(this=cell.copy(), expression=self._number(low))
            above = exp.GT(this=cell.copy(), expression=self._number(high))
            tests.append(exp.paren(exp.Or(this=below, expression=above), copy=False))
        return reduce(_and, tests)

    def _declared(self, place: int, rule: RemarkRule) -> PossibleRemark:
        return PossibleRemark(
            rule.code,
            rule.column,
            lambda: exp.EQ(this=_flag(place), expression=integer(1)),
            rule.refers,
        )

    def _about_choice(self, feature: Feature, unseen: Collection[str | float]) -> PossibleRemark:
        return PossibleRemark(
            "unseen_value", feature.column, functools.partial(self._is_one_of, feature, unseen)
        )

    def _is_one_of(self, feature: Feature, values: Collection[str | float]) -> exp.Expr:
        written = [
            integer(code) if feature.kind is Kind.CATEGORY else self._number(float(value))
            for code, value in enumerate(feature.values)
            if value in values
        ]
        return exp.In(this=self._cells.cell(feature.column), expressions=written)

    def _number(self, value: float) -> exp.Expr:
        return edge_literal(value, self._dialect)


Checks = Sequence[PolicyCheck]


def check_flags(checks: Checks, cells: Cells) -> Stage:
    """Return for each rule of a policy, and for its limit, 1 where it holds, else 0."""
    return {_check(place).name: _one_if(cells.formula(c.when)) for place, c in enumerate(checks)}


def decision(rule: DecisionRule, checks: Checks, dialect: Dialect) -> Stage:
    """Return the results of a policy: outcome, whether the application is approved, and causes."""
    reached = _reaches(PROBABILITY, rule, dialect)
    remark_causes = quoted_column(REMARK_CAUSES)
    causes = [_text_if(test, BETWEEN_CODES + code) for code, test in _policy_tests(rule, checks, dialect)]
    if rule.remarks == REFER:
        causes.append(remark_causes)
        reached = _and(reached, exp.Not(this=_is_text(remark_causes)))
    if checks:
        causes += [_text_if(_holds(place), BETWEEN_CODES + c.code) for place, c in enumerate(checks)]
        reached = _and(reached, _none_holds(range(len(checks))))
    return {"approved": _one_if(reached), "all_causes": joined_texts(causes) if causes else text_literal("")}


def _policy_tests(rule: DecisionRule, checks: Checks, dialect: Dialect) -> Iterator[tuple[str, exp.Expr]]:
    low, high = rule.refer_low, rule.refer_high
    if low is not None and high is not None:
        from_low = exp.GTE(this=quoted_column(PROBABILITY), expression=edge_literal(low, dialect))
        to_high = exp.LT(this=quoted_column(PROBABILITY), expression=edge_literal(high, dialect))
        yield "band", exp.And(this=from_low, expression=to_high)
    if rule.refer_gaps:
        falls = exp.Not(this=exp.paren(_reaches(LOWEST, rule, dialect), copy=False))
        could_flip = _and(_reaches(HIGHEST, rule, dialect), falls)
        deny = _denying(checks)
        yield "gap", _and(could_flip, _none_holds(deny)) if deny else could_flip


def _reaches(name: str, rule: DecisionRule, dialect: Dialect) -> exp.Expr:
    return exp.GTE(this=quoted_column(name), expression=edge_literal(rule.threshold, dialect))


def decision_results(rule: DecisionRule, checks: Checks, dialect: Dialect) -> dict[str, exp.Expr]:
    """Return the columns `outcome` and `causes` (`ml.scorecard.outcomes.cause_codes`)."""
    causes = quoted_column("all_causes")
    outcome = exp.case()
    if deny := _denying(checks):
        outcome = outcome.when(any_of([*map(_holds, deny)]), text_literal("denied"))
    outcome = outcome.when(_is_text(causes), text_literal("refer"))
    outcome = outcome.when(_reaches(PROBABILITY, rule, dialect), text_literal("approved"))
    return {"outcome": outcome.else_(text_literal("denied")), "causes": _without_first(causes)}


def _denying(checks: Checks) -> list[int]:
    return [place for place, check in enumerate(checks) if check.action == DENY]


def _check(place: int) -> exp.Column:
    return quoted_column(f"check_{place}")


def _holds(place: int) -> exp.Expr:
    return exp.EQ(this=_check(place), expression=integer(1))


def _none_holds(places: Sequence[int]) -> exp.Expr:
    return exp.Not(this=exp.paren(any_of([*map(_holds, places)]), copy=False))


def _and(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    return exp.And(this=left, expression=right)


def _flag(place: int) -> exp.Column:
    return quoted_column(f"declared_{place}")


def _first(place: int) -> exp.Column:
    return quoted_column(f"first_{place}")


def _one_if(test: exp.Expr) -> exp.Expr:
    return exp.case().when(test, integer(1), copy=False).else_(integer(0), copy=False)


def _text_if(test: exp.Expr, text: str) -> exp.Expr:
    return _where(test, text_literal(text))


def _where(test: exp.Expr, text: exp.Expr) -> exp.Expr:
    return exp.case().when(test, text, copy=False).else_(text_literal(""), copy=False)


def _is_text(text: exp.Expr) -> exp.Expr:
    return exp.NEQ(this=text, expression=text_literal(""))


def _without_first(texts: exp.Expr) -> exp.Expr:
    """Return joined texts without what stands before the first."""
    return exp.Substring(this=texts, start=integer(len(BETWEEN_CODES) + 1))
