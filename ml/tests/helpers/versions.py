"""Versions for the gate, trained quickly: few repeats of cross-validation, no search."""

import dataclasses

import numpy as np
import pandas as pd
from sklearn.base import clone

from ml.evaluation.cross_validation import out_of_fold_probabilities, repeated_folds
from ml.evaluation.side_by_side import ComparedVersion
from ml.products.loan_prediction.sample import make_sample
from ml.products.loan_prediction.schema import built_in
from ml.tables.frames import Dataset, frame_from_columns
from ml.training.recipes import get

SCHEMA = built_in()


def version(name, dataset, recipe="scorecard", repeats=2, **parameters):
    estimator = get(recipe, dataset.schema).estimator().set_params(**parameters)
    folds = repeated_folds(dataset.frame, dataset.y, repeats=repeats, folds=5, seed=1)
    probabilities = out_of_fold_probabilities(estimator, folds, lambda done, of: None).by_repeat()
    fitted = clone(estimator).fit(dataset.frame, dataset.y)
    return ComparedVersion(
        name,
        dataset,
        probabilities,
        lambda columns: fitted.predict_proba(frame_from_columns(dataset.schema, columns))[:, 1],
    )


def table(dataset, digest, rows=None, y=None, **columns):
    """The table of `dataset` with other rows, labels or columns."""
    rows = np.arange(len(dataset.y)) if rows is None else rows
    changed = dataset.frame.assign(**columns).iloc[rows].reset_index(drop=True)
    labels = (dataset.y if y is None else np.asarray(y))[rows]
    return dataclasses.replace(dataset, frame=changed, y=labels, digest=digest)


def with_rows(dataset, digest, count, seed):
    """The table of `dataset` and `count` more rows of its kind."""
    more = make_sample(count, seed)
    frame = frame_from_columns(SCHEMA, {column: [row[column] for row in more] for column in SCHEMA.columns})
    return Dataset(
        schema=SCHEMA,
        frame=pd.concat([dataset.frame, frame], ignore_index=True),
        y=np.concatenate([dataset.y, [SCHEMA.target.codes[row[SCHEMA.target.column]] for row in more]]),
        name=dataset.name,
        digest=digest,
        synthetic=False,
    )
