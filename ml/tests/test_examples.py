"""The examples in docstrings of the library run and print what they show."""

import doctest
import importlib
from pathlib import Path

import pytest

from ml.tests.helpers.tables import ROOT


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


MODULES = sorted(
    module_name(path)
    for path in (ROOT / "ml").rglob("*.py")
    if "tests" not in path.parts and ">>> " in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_hold(name):
    result = doctest.testmod(importlib.import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert result.attempted > 0
    assert result.failed == 0


def test_ten_public_functions_have_examples():
    finder = doctest.DocTestFinder(exclude_empty=True)
    with_examples = {
        example.name
        for name in MODULES
        for example in finder.find(importlib.import_module(name))
        if example.examples and not example.name.rpartition(".")[2].startswith("_")
    }
    assert len(with_examples) >= 10
