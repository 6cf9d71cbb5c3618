"""Candidates that disagree with a trained scorecard, as tests of a replay need them."""

import dataclasses

from ml.scorecard.scorecard import Scorecard
from ml.scorecard.scorecard_columns import ScorecardColumn
from ml.training.training import TrainedModel


def shifted(trained: TrainedModel, by: float) -> TrainedModel:
    """Return a model whose log-odds are higher by as much."""
    table = trained.scorecard
    return dataclasses.replace(trained, scorecard=Scorecard(table.schema, table.base + by, table.columns))


def mirrored(trained: TrainedModel) -> TrainedModel:
    """Return a model that approves what this one denies, and denies what it approves."""
    table = trained.scorecard
    columns = [
        ScorecardColumn(
            column.model_column,
            [dataclasses.replace(b, points=-b.points) for b in column.bins],
            edges=column.edges,
            groups=column.groups,
        )
        for column in table.columns
    ]
    return dataclasses.replace(trained, scorecard=Scorecard(table.schema, -table.base, columns))
