"""Training tables as a frame and a target (see `ml.tables.training_csv` for their checks)."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.applications.records import columns_of
from ml.tables.frames import from_columns
from ml.tables.training_csv import bytes_of, read_training_table


@dataclass(frozen=True, slots=True)
class Dataset:
    """A checked training table.

    Attributes
    ----------
    frame : DataFrame of shape (n, 11)
    y : ndarray of shape (n,)
        1 for approved, 0 for not.
    digest : str
        SHA-256 of the file's bytes, in hex.
    synthetic : bool
        Whether any row was made by `ml.products.loan_prediction.sample`.
    """

    frame: pd.DataFrame
    y: NDArray[np.int64]
    name: str
    digest: str
    synthetic: bool


def read_training_csv(path: Path, name: str | None = None) -> Dataset:
    """Read the loan-prediction table; `name` is what it is called if not by its file.

    Raises
    ------
    DatasetError
        Naming every fault.
    """
    table = read_training_table(name or path.name, bytes_of(path))
    return Dataset(
        frame=from_columns(columns_of(table.records)),
        y=np.array(table.targets),
        name=table.name,
        digest=table.digest,
        synthetic=table.synthetic,
    )
