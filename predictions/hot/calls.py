"""The applications of one call, scored and ready to be stored. What is not remembered is not looked up."""

from typing import NamedTuple

import msgspec

from predictions.api.calls.rendering import JSONRenderer
from predictions.hot.requests import HotRequest
from predictions.live import active_model, active_policy, products
from predictions.models import Prediction
from predictions.models.querysets import AnyUser
from predictions.reading.earlier import earlier_counts
from predictions.roles import SCORE
from predictions.services.scoring.namespaces import shares_staff_ids
from predictions.services.scoring.scoring import PreparedCall, prepare_call
from predictions.services.writing.bodies import read_valid_applications
from predictions.services.writing.replies import ScoredRows, array_reply

_encode = JSONRenderer().render


class HotCall(NamedTuple):
    """A call whose applications are scored; `prepared` stores them."""

    user: AnyUser
    product_id: int
    prepared: PreparedCall
    is_object: bool

    def reply(self, scored: ScoredRows) -> tuple[int, bytes]:
        """Return status and body of the reply, as the view would."""
        if not self.is_object:
            return 200, _encode(array_reply(scored, None, [], 0))
        ids = {"loan_ids": scored.loan_ids, "before": scored.ids[0]}
        (earlier,) = earlier_counts(**ids, owner=self.user, product_id=self.product_id)  # type: ignore[arg-type]
        return 201, _encode(msgspec.structs.replace(scored[0], earlier=earlier))


def may_score(user: AnyUser) -> bool:
    """Whether the hot path scores for a user. The staff's Loan_IDs are looked up before they are stored."""
    return user.has_perm(SCORE) and not shares_staff_ids(user)


def read_call(request: HotRequest, user: AnyUser, body: bytes) -> HotCall | None:
    """Read and score the applications of a call; None if another reader must judge them."""
    product = products.remembered_default()
    model = active_model.remembered(product.pk) if product and not product.retired else None
    policy = active_policy.remembered(model.product_id) if model else None
    if product is None or model is None or policy is None:
        return None
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
