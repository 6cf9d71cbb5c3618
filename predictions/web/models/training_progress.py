"""A training run as its page shows it: how far, how long, and whether anybody is at work."""

from datetime import datetime, timedelta

from django.utils import timezone

from predictions.models import TrainingRun

SILENT_AFTER = timedelta(minutes=1)
LONG_QUEUE = timedelta(seconds=10)


class RunView:
    """One run at the time `now`."""

    def __init__(self, run: TrainingRun, now: datetime | None = None) -> None:
        self.run = run
        self._now = now or timezone.now()
        begun = run.started_at or run.created_at
        self.elapsed = duration((run.finished_at or self._now) - begun)
        self.queued = run.status == TrainingRun.Status.QUEUED
        self.ahead = TrainingRun.objects.running().first() if self.queued else None
        self.unattended = self.queued and not self.ahead and self._now - run.created_at > LONG_QUEUE
        self.silence = self._silence()

    @property
    def percent(self) -> int:
        return 100 * self.run.done // self.run.total if self.run.total else 0

    @property
    def left(self) -> str:
        """About how long this phase still takes, from the pace it has had; empty when nobody can tell."""
        run = self.run
        if not (run.phase_started_at and run.heartbeat_at and run.done):
            return ""
        return duration((run.heartbeat_at - run.phase_started_at) / run.done * (run.total - run.done))

    def _silence(self) -> str:
        """How long the worker has not written, when that is worrying."""
        heartbeat = self.run.heartbeat_at
        if self.run.status != TrainingRun.Status.RUNNING or not heartbeat:
            return ""
        silent = self._now - heartbeat
        return duration(silent) if silent > SILENT_AFTER else ""


def duration(span: timedelta) -> str:
    """Write a span as 42 s, 3 min 5 s or 2 h 10 min."""
    seconds = max(0, round(span.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes, seconds = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes} min {seconds} s"
    return f"{minutes // 60} h {minutes % 60} min"
