"""Imports go one way: loansite -> predictions -> ml, and ml knows no web framework."""

import ast
import functools
from collections import Counter
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from ml.products.loan_prediction.schema import built_in

ROOT = Path(__file__).resolve().parents[2]
PYTHON, APART = ("ml", "predictions", "loansite", "benchmarks", "deploy"), {"tests", "migrations"}
MAY_NOT_IMPORT = {
    "ml": {"predictions", "loansite", "django", "rest_framework"},
    "predictions": {"loansite"},
    "loansite": set(),
}


def modules(package: str) -> dict[str, Path]:
    """Product modules by dotted name."""
    paths = [path for path in (ROOT / package).rglob("*.py") if "tests" not in path.parts]
    return {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in paths}


@functools.cache
def imports(path: Path) -> tuple[str, ...]:
    """Every name that a module imports, wherever in it, type-checking blocks aside."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        id(child)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for child in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("package", MAY_NOT_IMPORT)
def test_no_package_imports_what_is_above_it(package):
    wrong = [
        f"{name} imports {imported}"
        for name, path in modules(package).items()
        for imported in imports(path)
        if imported.split(".")[0] in MAY_NOT_IMPORT[package]
    ]
    assert wrong == []


def test_no_modules_import_each_other_in_a_circle():
    known = {name: path for package in MAY_NOT_IMPORT for name, path in modules(package).items()}
    graph = {name: set(_known_imports(path, known)) - {name} for name, path in known.items()}
    assert len(list(TopologicalSorter(graph).static_order())) == len(known)


def _known_imports(path: Path, known: dict[str, Path]) -> Iterator[str]:
    for imported in imports(path):
        parent = imported.rpartition(".")[0]
        yield from (name for name in (imported, parent) if name in known)


DOORS = ("tasks", "requests", "hot", "api", "web", "admin", "admin_site", "management")


def test_no_service_imports_a_task_or_a_door():
    doors = tuple(f"predictions.{door}." for door in DOORS)
    wrong = [
        f"{name} imports {imported}"
        for name, path in modules("predictions").items()
        for imported in imports(path)
        if not f"{name}.".startswith(doors) and f"{imported}.".startswith(doors)
    ]
    assert wrong == []


BUILT_IN = ("ml.products.loan_prediction.", "predictions.services.demo.", "predictions.api.article.")


def names_of_built_in_columns(path: Path) -> set[str]:
    """The built-in table's columns that a module names as a text of its own."""
    schema = built_in()
    texts = (node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant))
    return {*schema.columns, schema.target.column}.intersection(t for t in texts if isinstance(t, str))


def test_no_module_outside_the_built_in_product_names_a_column_of_its_table():
    named = {
        name
        for package in MAY_NOT_IMPORT
        for name, path in modules(package).items()
        if not f"{name}.".startswith(BUILT_IN) and "migrations" not in path.parts
        if names_of_built_in_columns(path)
    }
    assert named == set()


def test_no_folder_is_a_corridor():
    """A folder is a subject: at most 18 Python files, 25 templates; tests and migrations apart."""
    code = Counter(path.parent for package in PYTHON for path in (ROOT / package).rglob("*.py"))
    pages = Counter(path.parent for path in (ROOT / "templates").rglob("*.html"))
    corridors = [folder for folder, files in code.items() if files > 18 and not {*folder.parts} & APART]
    assert corridors + [folder for folder, files in pages.items() if files > 25] == []
