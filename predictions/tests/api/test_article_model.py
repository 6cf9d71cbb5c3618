"""The article's forest as the model in use: reasons where shap is installed, protected inputs named."""

import importlib.util
import io
import re
import sys

import pytest
from django.core.management import call_command

from ml.products.loan_prediction.schema import built_in
from ml.tests.helpers.shared import forest_of_sample
from predictions.models import Prediction
from predictions.roles import Role
from predictions.services.versions import registry
from predictions.tests.helpers.api import ApiClient

SCHEMA = built_in()

PREDICTIONS = "/api/v1/predictions/"
NO_REASONS = "Reasons are not available for this model."
needs_shap = pytest.mark.skipif(
    importlib.util.find_spec("shap") is None, reason="shap is an extra: make install-explain adds it"
)


@pytest.fixture(scope="session")
def trained_forest(trained, tmp_path_factory):
    return forest_of_sample(tmp_path_factory, trained.dataset)


@pytest.fixture
def version(db, artefacts, trained_forest):
    found = registry.register(trained=trained_forest, by=None)
    return registry.activate(version_id=found.pk, by=None, reason="test")


@pytest.fixture
def admin(client_of, version):
    return client_of(Role.ADMIN)


@pytest.fixture
def without_shap(monkeypatch):
    """As where the extra is not installed: importing shap fails."""
    monkeypatch.setitem(sys.modules, "shap", None)


def result(client, entries, **changes):
    """Score by the form and return the words of the result's page."""
    page = client.post("/score/", entries | changes, follow=True).content.decode()
    return " ".join(re.sub("<[^>]+>", " ", page).split())


@needs_shap
def test_the_reply_has_a_reason_for_each_column_that_sum_to_the_log_odds(version, user_with, application):
    reply = ApiClient(user_with(Role.API_CLIENT)).post(PREDICTIONS, application).json()
    assert sorted(reason["column"] for reason in reply["reasons"]) == sorted(SCHEMA.columns)
    added = sum(reason["contribution"] for reason in reply["reasons"])
    assert reply["base"] + added == pytest.approx(reply["log_odds"], abs=1e-9)


@needs_shap
def test_the_page_shows_the_reasons_and_says_what_they_are(admin, entries):
    page = result(admin, entries, credit_history="0")
    assert "Credit history: Does not meet the guidelines \N{MINUS SIGN}" in page
    assert "Weights of this forest are SHAP values, rescaled to log-odds" in page
    assert NO_REASONS not in page


@needs_shap
def test_a_gap_is_said_to_be_filled_although_there_are_reasons(admin, entries):
    page = result(admin, entries, loan_amount="")
    assert "The model used a typical or average value for each missing value" in page
    assert "Loan amount: missing" in page


@pytest.mark.usefixtures("without_shap")
def test_without_shap_the_page_says_so_and_how_to_get_reasons(admin, entries):
    page = result(admin, entries, loan_amount="")
    assert NO_REASONS in page
    assert "An operator can turn reasons on for future applications" in page
    assert "make install-explain" in page
    assert "bin of its own" not in page


@pytest.mark.usefixtures("without_shap")
def test_protected_inputs_are_named_on_every_page_that_names_the_version(admin, version, entries):
    admin.post("/score/", entries)
    addresses = ["/", "/score/", "/history/", f"/predictions/{Prediction.objects.get().pk}/"]
    addresses += [f"/admin/predictions/modelversion/{path}" for path in ("", f"{version.pk}/change/")]
    assert [path for path in addresses if "Gender, Married" not in admin.get(path).content.decode()] == []


@pytest.mark.usefixtures("without_shap")
@pytest.mark.parametrize("path", ["/history/", "/admin/predictions/modelversion/"])
def test_lists_name_them_when_another_model_is_in_use(admin, trained, entries, path):
    admin.post("/score/", entries)
    other = registry.register(trained=trained, by=None)
    registry.activate(version_id=other.pk, by=None, reason="test")
    page = admin.get(path).content.decode()
    assert "The model in use reads protected inputs" not in page
    assert "Gender, Married" in page


def test_activating_it_on_the_command_line_names_them(db, artefacts, trained_forest):
    version, out = registry.register(trained=trained_forest, by=None), io.StringIO()
    call_command("activate_model", str(version.pk), reason="test", stdout=out)
    assert "This model reads protected columns: Gender, Married." in out.getvalue()


@needs_shap
def test_other_values_of_a_forest_case_can_be_tried_and_protected_ones_stay(admin, entries):
    admin.post("/score/", entries)
    case = f"/predictions/{Prediction.objects.get().pk}/"
    tried = {name: text for name, text in entries.items() if name not in ("gender", "married", "loan_id")}
    same = admin.post(f"{case}what-if/", tried, headers={"HX-Request": "true"}).content.decode()
    assert f"this case {100 * Prediction.objects.get().approval_probability:.1f}%" in same
    assert "0.0 percentage points" in same
    assert "Gender: Male" in same
