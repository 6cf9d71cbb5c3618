"""`manage.py score` in several processes does what it does in one."""

import multiprocessing
from functools import partial

import pytest
from django.core.management import CommandError, call_command

from ml.errors import WorkerLost
from ml.parallel.processes import map_in_order
from ml.schemas.schema import LOAN_ID
from ml.tests.helpers.tables import csv_text, training_rows
from predictions.bulk.csv_files import csv_output, csv_source
from predictions.live import active_model
from predictions.models import AuditRecord
from predictions.services import bulk

CHANGES = {
    7: {"Gender": "?"},
    9_999: {LOAN_ID: 'a\n"b"'},
    25_000: {"LoanAmount": "-5"},
    30_001: {LOAN_ID: "é"},
}


@pytest.fixture(scope="module")
def text():
    """More than a process takes alone."""
    row = training_rows(1)[0]
    return csv_text(
        [row | {LOAN_ID: f"LP-{number:06d}"} | CHANGES.get(number, {}) for number in range(45_000)]
    )


@pytest.mark.slow
def test_the_bytes_are_the_same_whatever_their_number(active_version, text, tmp_path):
    (tmp_path / "in.csv").write_text(text)
    for number in (1, 3):
        call_command(
            "score", input=tmp_path / "in.csv", output=tmp_path / f"{number}.csv",
            errors=tmp_path / f"{number}.txt", processes=number,
        )  # fmt: skip
    assert (tmp_path / "1.csv").read_bytes() == (tmp_path / "3.csv").read_bytes()
    assert (tmp_path / "1.txt").read_bytes() == (tmp_path / "3.txt").read_bytes()
    assert (tmp_path / "1.txt").read_text().count("LP-0") == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (("LP-040000", "\xff"), "line 40003, value .*: UTF-8 text"),
        (("LP-040000", "\0"), "line 40003: text without NUL"),
        (("LP-040000,Female,", "LP-040000,"), "line 40003: 13 cells are expected"),
        (("LP-040000,Female,", 'LP-040000,"Female,'), "line .*: field larger than field limit"),
    ],
    ids=["no UTF-8", "NUL", "ragged", "open quotes"],
)
def test_a_fault_is_told_with_its_line(active_version, text, tmp_path, change, fault):
    bad = text.replace(*change).encode().replace("\xff".encode(), b"\xff")
    (tmp_path / "in.csv").write_bytes(bad)
    said = set()
    for number in (1, 2):
        with pytest.raises(CommandError, match=fault) as caught:
            call_command("score", input=tmp_path / "in.csv", output=tmp_path / "out.csv", processes=number)
        said.add(str(caught.value))
    assert len(said) == 1
    assert {path.name for path in tmp_path.iterdir()} == {"artefacts", "in.csv"}


def kill_a_child(*_):
    for child in multiprocessing.active_children()[:1]:
        child.kill()


@pytest.mark.slow
def test_a_killed_process_leaves_the_output_as_it_was(active_version, text, tmp_path):
    source, output = tmp_path / "in.csv", tmp_path / "out.csv"
    header, rows = text.split("\n", 1)
    source.write_text(f"{header}\n{rows * 4}")  # most of it is still to come when the child dies
    output.write_text("before")
    active = active_model.current()
    with pytest.raises(WorkerLost, match="was killed"):
        bulk.score_source(
            source=csv_source(active.schema, source), output=partial(csv_output, output), errors=None,
            engine=partial(map_in_order, processes=2), model=active, by=None,
            progress=kill_a_child,
        )  # fmt: skip
    assert output.read_text() == "before"
    assert {path.name for path in tmp_path.iterdir()} == {"artefacts", "in.csv", "out.csv"}
    assert not AuditRecord.objects.filter(action=bulk.AUDIT_ACTION).exists()
