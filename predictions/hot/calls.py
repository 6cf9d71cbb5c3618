"""The applications of one call, scored and ready to be stored. What is not remembered is not looked up."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from predictions.api.calls.rendering import JSONRenderer
from predictions.hot.requests import HotRequest
from predictions.live import active_model, active_policy, products
from predictions.live.active_model import ActiveModel
from predictions.models import Policy, Prediction, Product
from predictions.models.querysets import AnyUser
from predictions.reading.earlier import earlier_counts
from predictions.services.scoring.group_statement import Asking
from predictions.services.scoring.scoring import PreparedCall, prepare_call
from predictions.services.writing.bodies import read_valid_applications
from predictions.services.writing.replies import ScoredRows, array_reply

_encode = JSONRenderer().render


class HotCall(NamedTuple):
    """A call whose applications are scored."""

    user: AnyUser
    product_id: int
    prepared: PreparedCall
    is_object: bool

    def store(self) -> ScoredRows:
        """Store the predictions in the open transaction. Raises `LoanIdTaken`."""
        self.prepared.require_free()
        return self.prepared.store()

    @property
    def asking(self) -> Asking:
        """The call as PostgreSQL stores it in one statement."""
        return Asking(self.prepared, asks=self.is_object)

    def reply(self, scored: ScoredRows, earlier: int) -> tuple[int, bytes]:
        """Return status and body of the reply, as the view would; `earlier` is of one application."""
        if not self.is_object:
            return 200, _encode(array_reply(scored, None, [], 0))
        return 201, _encode(msgspec.structs.replace(scored[0], earlier=earlier))


StoredCall = tuple[HotCall, ScoredRows]
InForce = tuple[Product, ActiveModel, Policy]


def earlier_of_each(stored: Sequence[StoredCall]) -> list[int]:
    """Return how often the application of each call was scored before; 0 for arrays, which do not ask.

    The calls were stored in this order. Those of a caller cost one query, if nobody stored between them.
    """
    return [number for run in _without_gaps(stored) for number in _earlier_in_run(run)]


def _without_gaps(stored: Sequence[StoredCall]) -> list[list[StoredCall]]:
    """Divide calls where ids are missing: if a group fails, others may store between its calls."""
    runs: list[list[StoredCall]] = []
    for call, scored in stored:
        if not runs or scored.ids[0] != runs[-1][-1][1].ids[-1] + 1:
            runs.append([])
        runs[-1].append((call, scored))
    return runs


def _earlier_in_run(stored: Sequence[StoredCall]) -> list[int]:
    """Return the same for calls without the predictions of others between them."""
    earlier = [0] * len(stored)
    callers: dict[tuple[int | None, int], list[int]] = {}
    for place, (call, _) in enumerate(stored):
        callers.setdefault((call.user.pk, call.product_id), []).append(place)
    for places in callers.values():
        of_caller = [stored[place] for place in places]
        for place, count in zip(places, _earlier_of_caller(of_caller), strict=True):
            earlier[place] = count
    return earlier


def _earlier_of_caller(stored: Sequence[StoredCall]) -> list[int]:
    """Return the same for the calls of one caller. For later calls, rows of an array count too."""
    asked = [scored.loan_ids[0] for call, scored in stored if call.is_object]
    if not asked:
        return [0] * len(stored)
    call, first = stored[0]
    counts = earlier_counts(asked, owner=call.user, product_id=call.product_id, before=first.ids[0])
    before, met = dict(zip(asked, counts, strict=True)), Counter[str]()
    earlier = []
    for call, scored in stored:
        loan_id = scored.loan_ids[0]
        earlier.append(before[loan_id] + met[loan_id] if call.is_object else 0)
        met.update(scored.loan_ids)
    return earlier


def read_call(request: HotRequest, user: AnyUser, body: bytes, *, may_look_up: bool) -> HotCall | None:
    """Read and score the applications of a call; None if another reader must judge them.

    Model, policy and default product are remembered for a second each. Older ones are looked up here only if
    this thread `may_look_up`.
    """
    in_force = _looked_up() if may_look_up else _remembered()
    if in_force is None or in_force[0].retired:
        return None
    product, model, policy = in_force
    checked = read_valid_applications(model.schema, body)
    if checked is None:
        return None
    prepared = prepare_call(
        owner=user,
        records=checked.records,
        source=Prediction.Source.API,
        request_id=request.request_id,
        model=model,
        policy=policy,
    )
    return HotCall(user, product.pk, prepared, checked.is_object)


def _looked_up() -> InForce:
    product = products.default()
    model = active_model.current(product.pk)
    return product, model, active_policy.current(model.product_id)


def _remembered() -> InForce | None:
    product = products.remembered_default()
    model = active_model.remembered(product.pk) if product else None
    policy = active_policy.remembered(model.product_id) if model else None
    return (product, model, policy) if product and model and policy else None
