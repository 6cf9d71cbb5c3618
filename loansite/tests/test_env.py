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
