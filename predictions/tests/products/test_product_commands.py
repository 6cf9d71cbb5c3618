"""Products by command: add one, add a later version, retire, bring back, make default."""

import io

import pytest
from django.core.management import CommandError, call_command

from ml.schemas.toml_writer import schema_toml
from predictions.models import Policy, Product, SchemaVersion
from predictions.tests.products.test_schema_pages import FACTS


def run(*arguments, **options):
    out = io.StringIO()
    call_command(*arguments, stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def file(tmp_path, db):
    def write(**changes):
        path = tmp_path / "boat.toml"
        path.write_text(schema_toml(FACTS | changes))
        return path

    return write


@pytest.fixture
def boat_loan(file):
    run("add_product", file())
    return Product.objects.get(name="boat-loan")


def test_a_product_is_added_from_its_file(file):
    out = run("add_product", file())
    assert "Boat loan is a product, with 4 columns." in out
    assert "train --product boat-loan" in out


def test_a_later_version_prints_its_differences(boat_loan, file):
    out = run("add_product", file(currency="NOK"), reason="Abroad")
    assert out.splitlines()[:2] == ["Currency: 'NOK' instead of none.", "Schema 2 of Boat loan is stored."]
    assert SchemaVersion.objects.latest("pk").reason == "Abroad"


def test_a_later_version_says_that_the_limit_never_holds_where_no_column_is_the_amount(boat_loan, file):
    Policy.objects.filter(product=boat_loan).update(limit_amount=300.0)
    out = run("add_product", file(currency="NOK"), reason="Abroad")
    assert "Policy: The limit of the amount of Policy" in out
    assert "never holds: the schema names no amount." in out


def test_a_later_version_needs_a_reason(boat_loan, file):
    with pytest.raises(CommandError, match="needs a --reason"):
        run("add_product", file(currency="NOK"))


def test_an_unchanged_version_is_refused(boat_loan, file):
    with pytest.raises(CommandError, match="schema 1 as it stands"):
        run("add_product", file(), reason="Again")


def test_a_faulty_file_is_refused_with_its_line(tmp_path, db):
    path = tmp_path / "boat.toml"
    path.write_text('name = "boat-loan"\nsize = 3\n')
    with pytest.raises(CommandError, match=r"size \(line 2\): this key is unknown"):
        run("add_product", path)


def test_a_missing_file_is_refused(tmp_path, db):
    with pytest.raises(CommandError, match="No such file"):
        run("add_product", tmp_path / "none.toml")


def test_a_product_is_retired_and_brought_back(boat_loan):
    assert "Boat loan is retired." in run("product", "boat-loan", "--retire", reason="Losses")
    assert "Boat loan takes applications." in run("product", "boat-loan", "--bring-back", reason="New terms")


def test_another_product_becomes_the_default(boat_loan):
    assert "is the default product" in run("product", "boat-loan", "--make-default", reason="Main business")
    with pytest.raises(CommandError, match="Make another one"):
        run("product", "boat-loan", "--retire", reason="Losses")


def test_an_unknown_product_is_refused_with_the_known_ones(db):
    with pytest.raises(CommandError, match="Known: loan-prediction"):
        run("product", "boat", "--retire", reason="Losses")
