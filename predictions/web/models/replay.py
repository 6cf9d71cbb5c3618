"""Replay of stored predictions with a version, as a page and as a CSV file."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ml.figures import signed_text
from ml.scorecard.scores import MAX_ADVERSE_REASONS, Reason, adverse_reasons
from predictions.models import ModelVersion, Prediction
from predictions.requests.streamed_files import csv_reply
from predictions.roles import REPLAY
from predictions.services.versions.replay import Replay, ReplayFlip, ReplayTally, collect_flips, export_replay
from predictions.services.versions.stored_rows import Proof
from predictions.services.writing import audit
from predictions.web.mounts import get_own
from predictions.web.presentation import precise_percent, prediction_percent

NEWEST_CHOICES: dict[str, int | None] = {"100": 100, "1000": 1_000, "10000": 10_000, "all": None}


@dataclass(frozen=True, slots=True)
class NewestChoice:
    value: str
    label: str
    current: bool


@dataclass(frozen=True, slots=True)
class FlipReason:
    text: str
    weight: str


@dataclass(frozen=True, slots=True)
class ReplayGroupLine:
    label: str
    replayed: str
    approved: str
    to_denied: str
    to_approved: str
    to_refer: str
    shift: str

    @classmethod
    def of(cls, label: str, tally: ReplayTally) -> "ReplayGroupLine":
        return cls(
            label,
            f"{tally.replayed:,}",
            _approved(tally),
            f"{tally.to_denied:,}",
            f"{tally.to_approved:,}",
            f"{tally.to_refer:,}",
            _points(tally.mean_shift),
        )


@dataclass(frozen=True, slots=True)
class ProofLine:
    proof: Proof
    checked: str
    largest: str

    @classmethod
    def of(cls, proof: Proof) -> "ProofLine":
        return cls(proof, f"{proof.checked:,}", f"{proof.largest:.2g}")


class FlipView:
    """A prediction whose outcome would change, with the reasons against approval of both versions."""

    def __init__(self, flip: ReplayFlip, candidate: int) -> None:
        self.prediction: Prediction = flip.prediction
        self.old_version = f"Version {flip.prediction.model_version_id}"
        self.new_version = f"Version {candidate}"
        self.outcome = flip.outcome
        self.old_percent = prediction_percent(flip.prediction)
        self.new_percent = precise_percent(flip.probability, flip.prediction.threshold)
        self.threshold = f"{100 * flip.prediction.threshold:g}"
        self.old_reasons = _adverse(flip.prediction.reasons)
        self.new_reasons = _adverse(flip.reasons)


class ReplayView:
    """Counts, checks and changed outcomes of a replay, as the page shows them."""

    def __init__(self, replay: Replay, flips: list[ReplayFlip], newest: str) -> None:
        total = replay.counts.total
        self.version, self.newest = replay.candidate, newest
        self.choices = [NewestChoice(value, _label(value), value == newest) for value in NEWEST_CHOICES]
        self.total = total
        self.all = ReplayGroupLine.of("All", total) if total.replayed else None
        self.flipped, self.unchanged = f"{total.flipped:,}", f"{total.unchanged:,}"
        self.cut = NEWEST_CHOICES[newest] is None and replay.newest == total.replayed
        self.groups = [
            (column, [ReplayGroupLine.of(*group) for group in groups])
            for column, groups in replay.counts.by_group()
        ]
        self.flips = [FlipView(flip, replay.candidate.pk) for flip in flips]
        self.unlisted = total.flipped - len(flips)
        self.proofs = [ProofLine.of(proof) for proof in replay.proofs]
        self.proven = all(proof.passes for proof in replay.proofs)


def _label(value: str) -> str:
    newest = NEWEST_CHOICES[value]
    return "All" if newest is None else f"Newest {newest:,}"


def _approved(tally: ReplayTally) -> str:
    before, after = (100 * count / tally.replayed for count in (tally.approved_before, tally.approved_after))
    return f"{before:.1f}% → {after:.1f}%"


def _points(shift: float) -> str:
    """Return a change of probability in percentage points."""
    return signed_text(100 * shift)


def _adverse(reasons: list[Reason]) -> list[FlipReason] | None:
    """Return the reasons against approval with the largest weights; None if the model gives no reasons."""
    if not reasons:
        return None
    against = adverse_reasons(reasons)[:MAX_ADVERSE_REASONS]
    return [FlipReason(reason["text"], signed_text(reason["contribution"])) for reason in against]


MAX_LISTED = 200
MAX_REPLAYED = 100_000


@require_safe
@login_required
@permission_required(REPLAY, raise_exception=True)
def model_replay(request: HttpRequest, pk: int) -> HttpResponse:
    version, newest = _version(request, pk), _newest(request)
    replay = Replay(candidate=version, newest=NEWEST_CHOICES[newest] or MAX_REPLAYED)
    flips = collect_flips(replay, MAX_LISTED)
    detail = {"version": pk, "newest": replay.newest, "cases": len(flips)}
    audit.record(by=request.user, action="replay view", detail=detail)
    context = {"replay": ReplayView(replay, flips, newest)}
    return render(request, "predictions/replay/model_replay.html", context)


@require_safe
@login_required
@permission_required(REPLAY, raise_exception=True)
def model_replay_csv(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """Stream all changed outcomes as CSV. Unlike the page, "all" has no limit here."""
    version, newest = _version(request, pk), _newest(request)
    lines = export_replay(replay=Replay(candidate=version, newest=NEWEST_CHOICES[newest]), by=request.user)
    return csv_reply(f"replay-version-{pk}-newest-{newest}.csv", lines)


def _version(request: HttpRequest, pk: int) -> ModelVersion:
    return get_own(request, ModelVersion.objects.defer("report"), pk)


def _newest(request: HttpRequest) -> str:
    newest = request.GET.get("newest", "1000")
    if newest not in NEWEST_CHOICES:
        raise BadRequest(f"newest is {newest[:40]!r}; expected one of {', '.join(NEWEST_CHOICES)}.")
    return newest
