"""`manage.py score` and `train` on a Dask cluster do what they do without."""

import pytest
from django.core.management import CommandError, call_command

from ml.schemas.schema import LOAN_ID
from ml.tests.helpers.tables import csv_text, training_rows
from ml.tests.parallel.test_cluster import needs_dask
from predictions.models import ModelVersion


@pytest.fixture(scope="module")
def scheduler():
    """The address of a cluster that is there already."""
    from ml.parallel.cluster import start_local_cluster

    with start_local_cluster(2) as cluster:
        yield cluster.scheduler_address


@needs_dask
def test_the_bytes_are_those_of_the_plain_engine(active_version, scheduler, tmp_path):
    row, bad = training_rows(1)[0], {"LoanAmount": "-5"}
    rows = [
        row | {LOAN_ID: f"LP-{number}"} | (bad if number % 7_000 == 5 else {}) for number in range(20_000)
    ]
    (tmp_path / "in.csv").write_text(csv_text(rows))
    for engine, options in {"processes": {"processes": 1}, "dask": {"scheduler": scheduler}}.items():
        call_command(
            "score", input=tmp_path / "in.csv", output=tmp_path / f"{engine}.csv",
            errors=tmp_path / f"{engine}.txt", engine=engine, **options,
        )  # fmt: skip
    assert (tmp_path / "dask.csv").read_bytes() == (tmp_path / "processes.csv").read_bytes()
    assert (tmp_path / "dask.txt").read_bytes() == (tmp_path / "processes.txt").read_bytes()
    assert (tmp_path / "dask.txt").read_text().count("LP-") == 3


@needs_dask
def test_a_malformed_file_is_told_alike(active_version, scheduler, tmp_path):
    (tmp_path / "in.csv").write_text(csv_text(training_rows(3)) + "LP-4,Male\n")
    with pytest.raises(CommandError, match="line 5: 13 cells are expected"):
        call_command(
            "score",
            input=tmp_path / "in.csv",
            output=tmp_path / "out.csv",
            engine="dask",
            scheduler=scheduler,
        )
    assert not (tmp_path / "out.csv").exists()


@needs_dask
def test_a_training_is_not_sent_where_others_can_read_it(db):
    with pytest.raises(CommandError, match="is not encrypted; use tls://"):
        call_command("train", scheduler="tcp://10.0.0.5:8786")
    assert not ModelVersion.objects.exists()


def test_a_scheduler_needs_the_engine(active_version, tmp_path):
    with pytest.raises(CommandError, match="--scheduler goes with --engine dask"):
        call_command(
            "score", input=tmp_path / "a.csv", output=tmp_path / "b.csv", scheduler="tls://10.0.0.5:8786"
        )
