"""What the demo's people decide, and why."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from predictions.models import Decision, Prediction
from predictions.services.cases import decisions, notices
from predictions.services.demo.demo_words import NOTES, NOTICE_END, WHY_APPROVED, WHY_DENIED
from predictions.words.notice_draft import draft

_AGAINST_ADVICE = {Prediction.Outcome.REFER: 0.25}
_AGAINST_CLEAR_ADVICE = 0.04
_SECOND_THOUGHTS = 0.01
_NOTICES = 0.03  # of the denials


class Decider:
    def __init__(self, people: Mapping[str, Any], rng: np.random.Generator) -> None:
        self._people, self._rng = people, rng

    def who(self, owner: str) -> Any:
        """Return who decides: officers see only their own cases."""
        own = owner == "officer" and self._rng.random() < 0.7
        return self._people["officer" if own else "reviewer"]

    def thinks_again(self) -> bool:
        return bool(self._rng.random() < _SECOND_THOUGHTS)

    def decide(self, prediction: Prediction, by: Any, moment: datetime) -> Decision:
        share = _AGAINST_ADVICE.get(Prediction.Outcome(prediction.outcome), _AGAINST_CLEAR_ADVICE)
        approve = prediction.approved != bool(self._rng.random() < share)
        return self._decided(prediction, by, approve, moment)

    def reverse(self, decision: Decision, moment: datetime) -> None:
        approve = decision.verdict == Decision.Verdict.DENIED
        self._decided(decision.prediction, decision.by, approve, moment)

    def _decided(self, prediction: Prediction, by: Any, approve: bool, moment: datetime) -> Decision:
        verdict = Decision.Verdict.APPROVED if approve else Decision.Verdict.DENIED
        code, note = "", self._one_of(NOTES)
        if decisions.is_override(prediction, verdict):
            code, note = self._one_of(WHY_APPROVED if approve else WHY_DENIED)
        decision = decisions.decide(
            prediction=prediction, by=by, verdict=verdict, code=code, note=note, now=moment
        )
        if not approve and self._rng.random() < _NOTICES:
            _write_notice(decision, by, moment)
        return decision

    def _one_of(self, choices: Sequence[Any]) -> Any:
        return choices[int(self._rng.integers(len(choices)))]


def _write_notice(decision: Decision, by: Any, moment: datetime) -> None:
    prediction = Prediction.objects.select_related("explanation", "policy").get(pk=decision.prediction_id)
    text = draft(prediction, decision, moment) + NOTICE_END
    notices.save(prediction=prediction, by=by, text=text, after=0, now=moment)
