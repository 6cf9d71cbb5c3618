"""Which Python the installation takes."""

import os
import subprocess

import pytest
from django.conf import settings


@pytest.fixture
def found(tmp_path):
    """Return what `find_python.sh` does where these Pythons are installed: name and whether it fits."""

    def run(pythons, **variables):
        for name, fits in pythons.items():
            file = tmp_path / name
            file.write_text(f"#!/bin/sh\nexit {int(not fits)}\n")
            file.chmod(0o755)
        kept = {name: value for name, value in os.environ.items() if name != "PYTHON"}
        return subprocess.run(
            ["/bin/sh", "deploy/find_python.sh"],
            cwd=settings.BASE_DIR,
            env=kept | {"PATH": str(tmp_path)} | variables,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.mark.parametrize(
    ("pythons", "chosen"),
    [
        ({"python3": True, "python3.11": True}, "python3"),
        ({"python3": False, "python3.11": True}, "python3.11"),
        ({"python3": False, "python3.11": True, "python3.13": True}, "python3.13"),
        ({"python3.12": True}, "python3.12"),
    ],
)
def test_python3_is_taken_and_else_the_newest_that_fits(found, pythons, chosen):
    assert found(pythons).stdout == f"{chosen}\n"


def test_a_named_python_is_taken_before_any_other(found):
    assert found({"python3": True, "mine": True}, PYTHON="mine").stdout == "mine\n"


@pytest.mark.parametrize("variables", [{}, {"PYTHON": "python3"}])
def test_without_a_python_that_fits_one_sentence_says_what_to_install(found, variables):
    done = found({"python3": False}, **variables)
    assert done.returncode == 1
    assert "install Python 3.11, 3.12, 3.13 or 3.14 with its venv module" in done.stderr
