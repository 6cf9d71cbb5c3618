"""How a probability becomes an outcome: threshold, refer band, missing values and remarks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

from ml.applications.plausibility import Remark
from ml.applications.schema import BY_COLUMN
from ml.figures import exact_percent_text
from ml.scorecard.missing_value_bounds import ProbabilityBounds

REFER, IGNORE = "refer", "ignore"


class ReferralCause(TypedDict):
    """One rule that refers an application, as ``band``, ``gap`` or ``remark:CODE``, and in words."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class DecisionRule:
    """What a policy says.

    Attributes
    ----------
    refer_low, refer_high : float or None
        From the first on, and up to the second, a probability is referred.
    refer_gaps : bool
        Whether an application is referred whose outcome a missing value could flip.
    remarks : str
        ``"refer"``: a remark about a value of an application refers it, whatever its probability;
        ``"ignore"``: it does not. Methods take those that may refer
        (`ml.applications.plausibility.referring_remarks`).
    """

    threshold: float
    refer_low: float | None = None
    refer_high: float | None = None
    refer_gaps: bool = True
    remarks: str = REFER

    def reaches(self, probability: float) -> bool:
        """Tell whether the threshold is reached."""
        return probability >= self.threshold

    def approves(self, probability: float, remarks: Sequence[Remark]) -> bool:
        """Tell whether the threshold is reached and no remark refers; band and gaps do not change that."""
        return self.reaches(probability) and not self.heeds(remarks)

    def heeds(self, remarks: Sequence[Remark]) -> bool:
        """Tell whether remarks refer the application that they are about."""
        return bool(remarks) and self.remarks == REFER

    def in_band(self, probability: float) -> bool:
        """Tell whether the probability is referred for itself."""
        low, high = self.refer_low, self.refer_high
        return low is not None and high is not None and low <= probability < high

    def flips(self, span: list[float]) -> bool:
        """Tell whether the threshold lies between the ends of `span`."""
        lowest, highest = span
        return self.reaches(lowest) != self.reaches(highest)

    def flipping(self, gaps: ProbabilityBounds | None) -> list[str]:
        """Return the missing columns that could flip what the threshold says, alone or only together."""
        if not gaps or not self.flips(gaps["together"]):
            return []
        return [column for column, span in gaps["alone"].items() if self.flips(span)] or list(gaps["alone"])

    def outcome(self, probability: float, gaps: ProbabilityBounds | None, remarks: Sequence[Remark]) -> str:
        """Return ``"approved"``, ``"denied"`` or ``"refer"``."""
        could_flip = self.refer_gaps and gaps and self.flips(gaps["together"])
        if could_flip or self.in_band(probability) or self.heeds(remarks):
            return "refer"
        return "approved" if self.reaches(probability) else "denied"

    def causes(
        self, probability: float, gaps: ProbabilityBounds | None, remarks: Sequence[Remark]
    ) -> list[ReferralCause]:
        """Return all that refers the application; empty where nothing does."""
        found: list[ReferralCause] = []
        if self.in_band(probability):
            found.append({"code": "band", "text": self._band_words()})
        if self.refer_gaps and (columns := self.flipping(gaps)):
            found.append({"code": "gap", "text": _gap_words(columns)})
        return found + ([_of_remark(remark) for remark in remarks] if self.heeds(remarks) else [])

    def _band_words(self) -> str:
        low, high = (exact_percent_text(end) for end in (self.refer_low or 0.0, self.refer_high or 0.0))
        where = f"inside the refer band, {low}% to {high}%"
        return f"The probability lies {where}: close to the threshold a person looks."


def _gap_words(columns: Sequence[str]) -> str:
    labels = ", ".join(BY_COLUMN[column].label for column in columns)
    some = "A missing value" if len(columns) == 1 else "Missing values"
    return f"{some} could flip the outcome: {labels}."


def _of_remark(remark: Remark) -> ReferralCause:
    return {"code": f"remark:{remark['code']}", "text": remark_words(remark)}


def remark_words(remark: Remark) -> str:
    """Write a remark with the label of its column."""
    column = remark["attr"]
    return f"{BY_COLUMN[column].label}: {remark['detail']}" if column else remark["detail"]


def cause_codes(found: Sequence[ReferralCause]) -> str:
    """Write causes into one cell: their codes, each once."""
    return "; ".join(dict.fromkeys(cause["code"] for cause in found))


def remark_codes(remarks: Sequence[Remark]) -> str:
    """Write remarks into one cell: code and column of each."""
    return "; ".join(f"{remark['code']}: {remark['attr']}" for remark in remarks)
