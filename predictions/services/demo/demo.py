"""The demo: a year of invented work, stored by the services that real work uses."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils import timezone

from predictions.errors import Conflict
from predictions.models import BUILT_IN, ModelVersion, Prediction
from predictions.services import accounts
from predictions.services.demo.cases import DEMO_DAYS, DemoCase, draw_cases
from predictions.services.demo.marks import DEMO_REASON, demo_predictions, demo_versions
from predictions.services.demo.removal import backdate_policies, remove_demo
from predictions.services.demo.year import DemoYear
from predictions.services.scoring.kept_counts import forget_counts
from predictions.services.versions import registry
from predictions.services.writing import audit

if TYPE_CHECKING:
    from ml.training.training import TrainedModel

APPLICANTS = 10_000
ShareCallback = Callable[[float], object]
REMOVE_HINT = "Delete it with: make demo-remove"
_OTHER_DATABASE = "Set LOANSITE_VAR to another directory, or DATABASE_URL to another database, for the demo."


def check_demo_allowed() -> None:
    """Raise `Conflict` if the demo must not be stored in this database."""
    if settings.PRODUCTION:
        raise Conflict("The demo is for development machines: LOANSITE_ENV is production here.")
    if demo_predictions().exists() or demo_versions().exists():
        raise Conflict(f"The demo exists already. {REMOVE_HINT}")
    if Prediction.objects.exists():
        raise Conflict(
            "The database contains other predictions, and the demo's must not be mixed with them. "
            f"{_OTHER_DATABASE}"
        )
    if ModelVersion.objects.of_product(BUILT_IN).active().filter(synthetic=False).exists():
        raise Conflict(
            "The active version was trained on real data. The demo would replace it by one trained on "
            f"synthetic data. {_OTHER_DATABASE}"
        )


def store_demo(
    *,
    models: Sequence["TrainedModel"],
    applicants: int = APPLICANTS,
    now: datetime | None = None,
    progress: ShareCallback = lambda share: None,
) -> int:
    """Store the whole demo or nothing, and return the number of its predictions.

    The first of two `models` is active from a year ago, the second from five months ago. `progress` is called
    with the share of the demo that is stored. Raises `Conflict`.
    """
    check_demo_allowed()
    now = now or timezone.now()
    accounts.create_demo_accounts()
    try:
        _fill(models, draw_cases(applicants, now), now, progress)
    except BaseException:
        remove_demo(now=now)
        raise
    forget_counts()
    predictions = demo_predictions().count()
    audit.record(by=None, action="demo", detail={"predictions": predictions}, now=now)
    return predictions


def _fill(
    models: Sequence["TrainedModel"], cases: Sequence[DemoCase], now: datetime, progress: ShareCallback
) -> None:
    previous = ModelVersion.objects.of_product(BUILT_IN).active().first()
    backdate_policies(before=now - timedelta(days=DEMO_DAYS), now=now)
    people = {user.get_username(): user for user in get_user_model().objects.all()}
    year = DemoYear(people=people, now=now)
    year.plan_changes(models)
    year.run(cases, progress)
    if previous is not None:
        _record_takeover(previous, ModelVersion.objects.of_product(BUILT_IN).active().get(), now)


def _record_takeover(previous: ModelVersion, newest: ModelVersion, now: datetime) -> None:
    """Activate the previous version and then the demo's newest one, so that the timeline shows both."""
    for version, moment, why in (
        (previous, now - timedelta(seconds=1), "version active before the demo"),
        (newest, now, "newest version of the demo"),
    ):
        reason = f"{DEMO_REASON}{why}"
        registry.activate(version_id=version.pk, by=None, reason=reason, now=moment)
