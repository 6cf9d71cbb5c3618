"""A year of made-up work, stored by the services that real work goes through."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils import timezone

from predictions.errors import Conflict
from predictions.models import ModelVersion, Prediction
from predictions.services import accounts
from predictions.services.demo import marks as demo_marks
from predictions.services.demo import removal
from predictions.services.demo.cases import DEMO_DAYS, DemoCase, draw_cases
from predictions.services.demo.removal import remove_demo
from predictions.services.demo.year import DemoYear
from predictions.services.versions import registry
from predictions.services.writing import audit

if TYPE_CHECKING:
    from ml.training.training import TrainedModel

APPLICANTS = 10_000
Share = Callable[[float], object]
REMOVE_HINT = "Take it out with: make demo-remove"


def check_demo_allowed() -> None:
    """Raise `Conflict` when a demo has no place in this database."""
    if settings.PRODUCTION:
        raise Conflict("A demo is for a development machine: LOANSITE_ENV is production here.")
    if demo_marks.demo_predictions().exists() or demo_marks.demo_versions().exists():
        raise Conflict(f"The demo is there already. {REMOVE_HINT}")
    if Prediction.objects.exists():
        raise Conflict(
            "The database holds predictions that are no demo's, and made-up ones must not stand among them. "
            "Set LOANSITE_VAR to another directory, or DATABASE_URL to another database, for the demo."
        )
    if ModelVersion.objects.active().filter(synthetic=False).exists():
        raise Conflict(
            "The active version was trained on real data; a demo would put one of made-up data in its place. "
            "Set LOANSITE_VAR to another directory, or DATABASE_URL to another database, for the demo."
        )


def store_demo(
    *,
    models: Sequence["TrainedModel"],
    applicants: int = APPLICANTS,
    now: datetime | None = None,
    progress: Share = lambda share: None,
) -> int:
    """Store the demo, all or nothing, and return the number of its predictions.

    The first of two `models` works from a year ago, the second since five months ago. `progress` is called
    with the share that is stored. Raises `Conflict`.
    """
    check_demo_allowed()
    now = now or timezone.now()
    accounts.create_demo_accounts()
    try:
        _fill(models, draw_cases(applicants, now), now, progress)
    except BaseException:
        remove_demo(now=now)
        raise
    predictions = demo_marks.demo_predictions().count()
    audit.record(by=None, action="demo", detail={"predictions": predictions}, now=now)
    return predictions


def _fill(
    models: Sequence["TrainedModel"], drawn: Sequence[DemoCase], now: datetime, progress: Share
) -> None:
    before = ModelVersion.objects.active().first()
    removal.backdate_policies(before=now - timedelta(days=DEMO_DAYS), now=now)
    people = {user.get_username(): user for user in get_user_model().objects.all()}
    year = DemoYear(people=people, now=now)
    year.begin(models)
    year.live(drawn, progress)
    if before is not None:
        _take_over(before, ModelVersion.objects.active().get(), now)


def _take_over(before: ModelVersion, newest: ModelVersion, now: datetime) -> None:
    """Let the timeline say how the demo's version came to be live after the one that was there before it."""
    for version, moment, why in (
        (before, now - timedelta(seconds=1), "what was live before the demo"),
        (newest, now, "its newest version serves"),
    ):
        reason = f"{demo_marks.DEMO_REASON}{why}"
        registry.activate(version_id=version.pk, by=None, reason=reason, now=moment)
