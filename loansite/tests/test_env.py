"""A bad variable stops the start and is named."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from loansite import env


@pytest.mark.parametrize(("text", "value"), [("1", True), ("true", True), ("0", False), ("Off", False)])
def test_a_boolean_is_read(monkeypatch, text, value):
    monkeypatch.setenv("LOANSITE_X", text)
    assert env.boolean("LOANSITE_X", default=not value) is value


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        (lambda: env.boolean("LOANSITE_X", default=False), "ture"),
        (lambda: env.integer("LOANSITE_X", 5), "-1"),
        (lambda: env.integer("LOANSITE_X", 5, minimum=1), "0"),
        (lambda: env.integer("LOANSITE_X", 5, maximum=9), "10"),
        (lambda: env.integer("LOANSITE_X", 5), "1_000"),
        (lambda: env.choice("LOANSITE_X", ["a", "b"], "a"), "c"),
        (lambda: env.throttle("LOANSITE_X"), "fast"),
        (lambda: env.throttle("LOANSITE_X"), "1000001/min"),
        (lambda: env.networks("LOANSITE_X"), "localhost"),
        (lambda: env.networks("LOANSITE_X"), "10.0.0.1/24"),
        (lambda: env.networks("LOANSITE_X"), "10.0.0.1,*"),
        (lambda: env.networks("LOANSITE_X"), "::/0"),
        (lambda: env.database("LOANSITE_X", ""), "mongodb://x"),
        (lambda: env.text("LOANSITE_X"), " "),
    ],
)
def test_a_bad_value_names_its_variable(monkeypatch, reader, text):
    monkeypatch.setenv("LOANSITE_X", text)
    with pytest.raises(ImproperlyConfigured, match="LOANSITE_X"):
        reader()


def test_a_database_password_is_not_shown(monkeypatch):
    monkeypatch.setenv("LOANSITE_X", "mysql://user:secret@host/name")
    with pytest.raises(ImproperlyConfigured) as caught:
        env.database("LOANSITE_X", "")
    assert "secret" not in str(caught.value)


def test_a_value_that_starts_with_a_dollar_is_taken_as_it_is(monkeypatch):
    monkeypatch.setenv("LOANSITE_X", "$HOME")
    assert env.text("LOANSITE_X") == "$HOME"


GOOD = "core=mysql://user:p%40w%2C@host:3306/name,dw=postgres://host/name?sslmode=require,file=sqlite:////data/x.db"


def test_databases_of_others_are_read_by_their_alias(monkeypatch):
    monkeypatch.setenv("LOANSITE_X", GOOD)
    found = env.sources("LOANSITE_X")
    assert {alias: config["NAME"] for alias, config in found.items()} == {
        "core": "name", "dw": "name", "file": "/data/x.db"
    }  # fmt: skip
    assert (found["core"]["PASSWORD"], found["dw"]["OPTIONS"]) == ("p@w,", {"sslmode": "require"})


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("postgres://user:secret@host/name", "the part of entry 1"),
        ("a=sqlite:///x.db,Core=mysql://user:secret@host/name", "the part of entry 2"),
        ("a=oracle://user:secret@host/name", "the part of entry 1"),
        ("a=mysql://user:1,secret=mysql://x@host/name", "the database of entry 1"),
        ("a=sqlite:///x.db,a=mysql://user:secret@host/name", "the alias of entry 2"),
        ("a=mysql://user:secret/x@host/name", "the URL of entry 1"),
        ("a=mysql://user:1/secret@host/name", "the database of entry 1"),
        ("a=mysql://user:secret@host", "the database of entry 1"),
        ("a=sqlite:///", "the database of entry 1"),
        ("a=mysql://user:secret@host/name?init_command=x", "the options of entry 1"),
    ],
)
def test_a_bad_database_is_named_by_its_place_and_its_password_is_not_shown(monkeypatch, text, fault):
    monkeypatch.setenv("LOANSITE_X", text)
    with pytest.raises(ImproperlyConfigured, match=f"LOANSITE_X: {fault}") as caught:
        env.sources("LOANSITE_X")
    assert "secret" not in str(caught.value)
