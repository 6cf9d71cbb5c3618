"""Documents name every setting and only files that exist; make targets explain themselves; hooks run."""

import pkgutil
import re
import sys
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from ml.tests.helpers.databases import MYSQL, POSTGRES, named_server

VARIABLE = re.compile(r"\b(LOANSITE_[A-Z_]+|DATABASE_URL)\b")
SOURCES = ["loansite/settings.py", "loansite/env.py", "ml/artefacts/keys.py"]
ROOT = Path(settings.BASE_DIR)
DOCUMENTS = sorted(str(path.relative_to(ROOT)) for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")))


# The changelog names files as they were called in each release.
OF_TODAY = [name for name in DOCUMENTS if name != "CHANGELOG.md"]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


HOOKS = yaml.safe_load(read(".pre-commit-config.yaml"))["repos"]


def test_every_setting_stands_in_the_table_of_the_readme():
    used = {variable for source in SOURCES for variable in VARIABLE.findall(read(source))}
    described = set(re.findall(r"^\| `([A-Z_]+)`", read("README.md"), re.MULTILINE))
    assert used == described


@pytest.mark.parametrize(
    "target",
    [
        "run",
        "demo",
        "demo-remove",
        "test",
        "test-quick",
        "test-all",
        "coverage",
        "lint",
        "bench",
        "test-postgres",
        "help",
        "install-explain",
        "install-bulk",
    ],
)
def test_make_help_knows_the_target(target):
    assert re.search(rf"^{target}:.*## ", read("Makefile"), re.MULTILINE)


def test_hooks_are_local():
    assert [repository["repo"] for repository in HOOKS] == ["local"]
    assert {hook["language"] for hook in HOOKS[0]["hooks"]} == {"system"}


@pytest.mark.parametrize("entry", [hook["entry"] for hook in HOOKS[0]["hooks"]])
def test_a_hook_runs_an_installed_program_or_a_make_target(entry):
    program, *arguments = entry.split()
    if program == "make":
        assert re.search(rf"^{arguments[0]}:", read("Makefile"), re.MULTILINE)
    else:
        assert Path(program).parent == Path(".venv/bin")
        assert Path(sys.executable).with_name(Path(program).name).exists()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_of_a_document_lead_to_files(document):
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", read(document))
    local = [link for link in links if not link.startswith("http")]
    assert [link for link in local if not (ROOT / document).parent.joinpath(link).exists()] == []


FOLDERS = [
    "benchmarks",
    "deploy",
    "docs",
    "loansite",
    "ml",
    "predictions",
    "requirements",
    "static",
    "templates",
]
FILES = {path.name for folder in FOLDERS for path in (ROOT / folder).rglob("*.*")}
FILES |= {path.name for path in ROOT.glob("*.*")}
FILE = re.compile(r"[\w*-][\w.*/-]*\.(py|md|sh|html|js|css|toml|txt|in)")
FOLDER = re.compile(rf"({'|'.join(FOLDERS)}|api|live|management|reading|requests|services|web)/[\w/-]*")
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
MODULE = re.compile(r"(ml|predictions|loansite|benchmarks)(\.\w+)+")


def named_paths(text: str) -> set[str]:
    """Return the files and folders that a document names in backticks, and those in its commands."""
    words = [code.split()[0] for code in re.findall(r"`([^`\n]+)`", FENCED.sub("", text)) if code.strip()]
    words += [
        word for block in FENCED.findall(text) for word in block.split() if word.startswith(tuple(FOLDERS))
    ]
    return {word for word in words if FILE.fullmatch(word) or FOLDER.fullmatch(word)}


def exists(document: str, name: str) -> bool:
    if "/" not in name:
        return name in FILES
    bases = [
        ROOT,
        ROOT / "ml",
        ROOT / "predictions",
        ROOT / "predictions" / "services",
        (ROOT / document).parent,
    ]
    return any(any(base.glob(name)) for base in bases)


@pytest.mark.parametrize("document", OF_TODAY)
def test_files_that_a_document_names_exist(document):
    assert [name for name in sorted(named_paths(read(document))) if not exists(document, name)] == []


def resolves(name: str) -> bool:
    try:
        pkgutil.resolve_name(name)
    except (ImportError, AttributeError):
        return False
    return True


@pytest.mark.parametrize("document", OF_TODAY)
def test_modules_that_a_document_names_exist(document):
    matches = map(MODULE.match, re.findall(r"`([^`\n]+)`", read(document)))
    assert [match[0] for match in matches if match and not resolves(match[0])] == []


def test_ci_runs_lint_and_all_tests():
    assert {"make lint", "make test"} <= set(read(".ci/run").splitlines())


@pytest.mark.parametrize("variable", [POSTGRES, MYSQL])
def test_a_server_that_no_variable_names_is_left_out_of_the_tests(monkeypatch, variable):
    monkeypatch.delenv(variable, raising=False)
    with pytest.raises(pytest.skip.Exception, match=f"LEFT OUT: {variable} names no server"):
        named_server(variable)
