"""The points table of a scorecard as a page."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import Truncator
from django.views.decorators.http import require_safe

from ml.errors import ArtefactError
from ml.figures import interval_text, percent_text, signed_text
from ml.scorecard.scaling import Scaling
from ml.scorecard.scorecard import Scorecard
from ml.scorecard.scorecard_columns import Bin, ScorecardColumn
from predictions.errors import ModelUnreadable
from predictions.live import active_model
from predictions.models import ModelVersion
from predictions.roles import SEE_MODELS
from predictions.services.versions.meanings import meaning_of
from predictions.web.mounts import get_own

ROW_HEIGHT = 44  # pixels
NO_ROWS_LABEL = "no rows"
MAX_LABEL = 36  # characters of a bin's label in the plot; the table has the whole label


@dataclass(frozen=True, slots=True)
class BinRow:
    """A bin: its row of the table, and its bar from zero points.

    `interval` is empty, and no line is drawn, if training did not measure the uncertainty of the points.
    """

    label: str
    short: str
    points: str
    interval: str
    log_odds: str
    rows: int
    approved: str
    side: str
    x: str
    width: str
    low: str
    high: str
    text_y: int
    bar_y: int
    line_y: int


@dataclass(frozen=True, slots=True)
class ColumnView:
    """A column with its bins; `value` is its information value, empty if training did not measure it."""

    column: str
    label: str
    direction: str
    value: str
    bins: list[BinRow]
    height: int


@dataclass(frozen=True, slots=True)
class ScoreMeaning:
    """Odds and probability of a score."""

    score: int
    odds: str
    probability: str


class PointsTable:
    """Points of every bin, and the meaning of scores, as the page shows them."""

    def __init__(self, scorecard: Scorecard, scaling: Scaling, strength: Mapping[str, Any]) -> None:
        self._scaling = scaling
        self._intervals = {
            name: [[scaling.points(end) for end in ends] for ends in bins]
            for name, bins in strength.get("points", {}).items()
        }
        self.measured = bool(self._intervals)
        self._values = {name: column["iv"] for name, column in strength.get("columns", {}).items()}
        self._points = [[scaling.points(row.points) for row in column.bins] for column in scorecard.columns]
        of_intervals = (end for bins in self._intervals.values() for ends in bins for end in ends)
        all_points = [0.0, *(value for column in self._points for value in column), *of_intervals]
        self._least, self._span = min(all_points), (max(all_points) - min(all_points)) or 1.0
        base = scaling.score(scorecard.base)
        self.base = f"{base:.0f}"
        self.base_log_odds = signed_text(scorecard.base)
        self.lowest = round(base + sum(min(column) for column in self._points))
        self.highest = round(base + sum(max(column) for column in self._points))
        self.even = f"{scaling.offset:.0f}"
        self.zero = self._at(0)
        self.columns = [self._column(column) for column in scorecard.columns]
        used = {column.column for column in scorecard.columns}
        self.left_out = [model.label for model in scorecard.schema.model_columns if model.column not in used]

    def meanings(self) -> Iterator[ScoreMeaning]:
        """Yield the scores of the whole range in steps that double the odds."""
        step = int(self._scaling.points_to_double)
        for score in range(self.lowest // step * step, self.highest + step, step):
            probability = self._scaling.probability(score)
            yield ScoreMeaning(score, _odds(probability), percent_text(probability))

    def _column(self, column: ScorecardColumn) -> ColumnView:
        intervals = self._intervals.get(column.column, [None] * len(column.bins))
        rows = enumerate(zip(column.bins, intervals, strict=True))
        bins = [self._bin(place, row, interval) for place, (row, interval) in rows]
        value = self._values.get(column.column)
        return ColumnView(
            column.column,
            column.label,
            direction_words(column),
            "" if value is None else f"{value:.3f}",
            bins,
            ROW_HEIGHT * len(bins),
        )

    def _bin(self, place: int, row: Bin, interval: list[float] | None) -> BinRow:
        points = self._scaling.points(row.points)
        return BinRow(
            label=row.label,
            short=Truncator(row.label).chars(MAX_LABEL),
            points=signed_text(points, 0),
            interval=interval_text(*(signed_text(end, 0) for end in interval)) if interval else "",
            log_odds=signed_text(row.points),
            rows=row.rows,
            approved=percent_text(row.approved / row.rows) if row.rows else NO_ROWS_LABEL,
            side="for" if points >= 0 else "against",
            x=self._at(min(points, 0)),
            width=f"{100 * abs(points) / self._span:.2f}%",
            low=self._at(interval[0]) if interval else "",
            high=self._at(interval[1]) if interval else "",
            text_y=ROW_HEIGHT * place + 16,
            bar_y=ROW_HEIGHT * place + 23,
            line_y=ROW_HEIGHT * place + 28,
        )

    def _at(self, points: float) -> str:
        return f"{100 * (points - self._least) / self._span:.2f}%"


def direction_words(column: ScorecardColumn) -> str:
    """Return the direction of the points of a column in words."""
    name = column.label
    if column.direction == 0:
        return f"{name} has no order: each value has the points that past applications gave it."
    if len(column.model_column.choices) == 2:
        worst, best = column.model_column.choices
        return f"“{best.capitalize()}” never gets fewer points than “{worst}”."
    fewer = "fewer" if column.direction > 0 else "more"
    return f"A higher {name.lower()} never gets {fewer} points than a lower one."


def _odds(probability: float) -> str:
    odds = probability / (1 - probability)
    shown = odds if odds >= 1 else 1 / odds
    text = f"{shown:.0f}" if shown >= 10 or math.isclose(shown, round(shown)) else f"{shown:.1f}"
    return f"{text} to 1 for" if odds >= 1 else f"{text} to 1 against"


SCALING = Scaling()


@require_safe
@login_required
@permission_required(SEE_MODELS, raise_exception=True)
def model_scorecard(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the points of every bin, read from the verified artefact."""
    version = get_own(request, ModelVersion.objects.all(), pk=pk)
    context = {
        "version": version,
        "scaling": SCALING,
        "table": _points_table(version),
        "meaning": meaning_of(version),
    }
    return render(request, "predictions/evaluation/model_scorecard.html", context)


def _points_table(version: ModelVersion) -> PointsTable | None:
    # Artefacts of other recipes need scikit-learn, which a web worker does not load.
    if version.recipe != "scorecard":
        return None
    try:
        predictor = active_model.open_version(version).predictor
    except ArtefactError as error:
        detail = f"The scorecard of version {version.pk} cannot be shown, because its file cannot be trusted."
        raise ModelUnreadable(f"{detail} {error}") from error
    strength = version.report.get("strength") or {}  # not in reports of older releases
    return PointsTable(predictor, SCALING, strength) if isinstance(predictor, Scorecard) else None
