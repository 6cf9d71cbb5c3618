"""Decision rules that turn a probability into an outcome.

Threshold, refer band, missing values, remarks, rules and the limit of the amount.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

from ml.applications.plausibility import Remark
from ml.applications.types import ApplicationValues, Columns
from ml.figures import exact_percent_text
from ml.schemas.schema import Schema
from ml.scorecard.missing_value_bounds import ProbabilityBounds
from ml.scorecard.policy_rules import Held, PolicyChecks, PolicyRule, denies, policy_checks

REFER, IGNORE = "refer", "ignore"


class ReferralCause(TypedDict):
    """Why an application is referred or denied by a rule, in a sentence.

    The code is ``band``, ``gap``, ``remark:CODE``, ``rule:CODE`` or ``limit:amount``.
    """

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class DecisionRule:
    """The part of a policy that turns a probability into an outcome.

    Methods take the remarks that may refer an application
    (`ml.applications.plausibility.referring_remarks`), and the checks that hold for it (`held`).

    Attributes
    ----------
    threshold : float
        Lowest approval probability of an approved application, from 0 to 1.
    refer_low, refer_high : float or None
        Refer band: probabilities from `refer_low` to under `refer_high` are referred.
    refer_gaps : bool
        Whether to refer an application whose outcome a missing value could change.
    remarks : str
        ``"refer"`` or ``"ignore"``: whether a remark refers its application, whatever the probability.
    rules : tuple of PolicyRule
        Conditions that refer or deny an application, whatever the probability.
    limit_amount : float or None
        Applications for more than this amount are referred, in the unit of the schema's amount.

    Examples
    --------
    >>> rule = DecisionRule(threshold=0.5, refer_low=0.4, refer_high=0.6)
    >>> [rule.outcome(probability, None, []) for probability in (0.2, 0.4, 0.6)]
    ['denied', 'refer', 'approved']

    A missing loan amount could lift this application over the threshold:

    >>> bounds = {"together": [0.3, 0.7], "alone": {"LoanAmount": [0.3, 0.7]}}
    >>> rule.outcome(0.3, bounds, [])
    'refer'
    >>> from ml.products.loan_prediction.schema import built_in
    >>> rule.causes(built_in(), 0.3, bounds, [])
    [{'code': 'gap', 'text': 'A missing value could change the outcome: Loan amount.'}]
    """

    threshold: float
    refer_low: float | None = None
    refer_high: float | None = None
    refer_gaps: bool = True
    remarks: str = REFER
    rules: tuple[PolicyRule, ...] = ()
    limit_amount: float | None = None

    @property
    def has_checks(self) -> bool:
        """Whether there are rules or a limit, which depend on an application's own values."""
        return bool(self.rules) or self.limit_amount is not None

    def checks(self, schema: Schema) -> PolicyChecks:
        """Return the rules and the limit as they apply to applications of a schema."""
        return policy_checks(schema, self.rules, self.limit_amount)

    def held(self, schema: Schema, values: ApplicationValues) -> Held:
        """Return the checks that hold for one application."""
        return self.checks(schema).held(values) if self.has_checks else ()

    def held_by_row(self, schema: Schema, columns: Columns) -> dict[int, Held]:
        """Return the checks that hold for n applications by row number; rows without one are left out."""
        return self.checks(schema).held_by_row(columns) if self.has_checks else {}

    def reaches_threshold(self, probability: float) -> bool:
        """Return True if the probability is at or above the threshold."""
        return probability >= self.threshold

    def approves(self, probability: float, remarks: Sequence[Remark], held: Held = ()) -> bool:
        """Return True if the threshold is reached, and no remark, rule or limit refers or denies.

        Band and gaps are not considered.
        """
        return self.reaches_threshold(probability) and not held and not self.refers_for(remarks)

    def refers_for(self, remarks: Sequence[Remark]) -> bool:
        """Return True if the remarks refer their application."""
        return bool(remarks) and self.remarks == REFER

    def in_band(self, probability: float) -> bool:
        """Return True if the probability is in the refer band."""
        low, high = self.refer_low, self.refer_high
        return low is not None and high is not None and low <= probability < high

    def can_flip(self, span: list[float]) -> bool:
        """Return True if the threshold lies between the two ends of `span`."""
        lowest, highest = span
        return self.reaches_threshold(lowest) != self.reaches_threshold(highest)

    def columns_that_flip(self, bounds: ProbabilityBounds | None, held: Held = ()) -> list[str]:
        """Return the missing columns that could cross the threshold, each alone or else all together.

        Where a rule denies, none could change the outcome.
        """
        if not bounds or not self.can_flip(bounds["together"]) or denies(held):
            return []
        alone = bounds["alone"]
        return [column for column, span in alone.items() if self.can_flip(span)] or list(alone)

    def outcome(
        self,
        probability: float,
        bounds: ProbabilityBounds | None,
        remarks: Sequence[Remark],
        held: Held = (),
    ) -> str:
        """Return ``"approved"``, ``"denied"`` or ``"refer"``."""
        if denies(held):
            return "denied"
        could_flip = self.refer_gaps and bounds and self.can_flip(bounds["together"])
        if held or could_flip or self.in_band(probability) or self.refers_for(remarks):
            return "refer"
        return "approved" if self.reaches_threshold(probability) else "denied"

    def causes(
        self,
        schema: Schema,
        probability: float,
        bounds: ProbabilityBounds | None,
        remarks: Sequence[Remark],
        held: Held = (),
    ) -> list[ReferralCause]:
        """Return every cause that refers or denies the application; an empty list if none does."""
        causes: list[ReferralCause] = []
        if self.in_band(probability):
            causes.append({"code": "band", "text": self._band_text()})
        if self.refer_gaps and (columns := self.columns_that_flip(bounds, held)):
            causes.append({"code": "gap", "text": _gap_text(schema, columns)})
        if self.refers_for(remarks):
            causes += [_remark_cause(schema, remark) for remark in remarks]
        return causes + [{"code": check.code, "text": check.text} for check in held]

    def _band_text(self) -> str:
        low, high = (exact_percent_text(end) for end in (self.refer_low or 0.0, self.refer_high or 0.0))
        return f"The probability is in the refer band ({low}% to {high}%), so a person decides."


def _gap_text(schema: Schema, columns: Sequence[str]) -> str:
    labels = ", ".join(schema.by_column[column].label for column in columns)
    subject = "A missing value" if len(columns) == 1 else "Missing values"
    return f"{subject} could change the outcome: {labels}."


def _remark_cause(schema: Schema, remark: Remark) -> ReferralCause:
    return {"code": f"remark:{remark['code']}", "text": remark_words(schema, remark)}


def remark_words(schema: Schema, remark: Remark) -> str:
    """Return the text of a remark, after the label of its column."""
    column = remark["attr"]
    return f"{schema.by_column[column].label}: {remark['detail']}" if column else remark["detail"]


BETWEEN_CODES = "; "


def cause_codes(causes: Sequence[ReferralCause], length: float = math.inf) -> str:
    """Return the codes of causes as one text, each code once; of very many, the first that fit a length."""
    codes = dict.fromkeys(cause["code"] for cause in causes)
    ends = itertools.accumulate(len(code) + len(BETWEEN_CODES) for code in codes)
    return BETWEEN_CODES.join(code for code, end in zip(codes, ends, strict=True) if end <= length)


def codes_in(text: str) -> list[str]:
    """Return the codes in a text that `cause_codes` wrote."""
    return text.split(BETWEEN_CODES) if text else []


def remark_codes(remarks: Sequence[Remark]) -> str:
    """Return code and column of each remark for one CSV cell."""
    return BETWEEN_CODES.join(f"{remark['code']}: {remark['attr']}" for remark in remarks)
