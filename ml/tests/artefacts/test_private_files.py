"""What a run writes is the owner's alone."""

import subprocess
import sys

import pytest

from ml.atomic_files import restrict_to_owner
from ml.tests.helpers.tables import ROOT


def test_links_are_not_followed_out_of_the_folder(tmp_path):
    (tmp_path / "elsewhere").touch()
    (tmp_path / "elsewhere").chmod(0o644)
    var = tmp_path / "var"
    var.mkdir()
    var.chmod(0o755)
    (var / "link").symlink_to(tmp_path / "elsewhere")
    restrict_to_owner(var)
    assert (tmp_path / "elsewhere").stat().st_mode & 0o777 == 0o644
    assert var.stat().st_mode & 0o777 == 0o700


@pytest.mark.slow
def test_the_command_line_writes_files_of_the_owner_alone(tmp_path):
    command = [sys.executable, "-m", "ml", "sample", "--output", str(tmp_path / "sample.csv")]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    assert (tmp_path / "sample.csv").stat().st_mode & 0o777 == 0o600
