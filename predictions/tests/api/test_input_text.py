"""Text of a Loan_ID: what prints is stored as it is and escaped on every page; what does not is refused."""

import html
import json

import pytest

from predictions.models import Applicant, Prediction
from predictions.roles import Role
from predictions.tests.api.test_input_bodies import DOORS, V1, refusal
from predictions.tests.helpers.api import ApiClient

MARKUP = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</td></table><!--",
    "{{ 7*7 }}{% debug %}",
    "' OR 1=1; DROP TABLE x; --",
    "&lt;b&gt;",
]
PRINTABLE = [
    *MARKUP,
    "=1+1",
    "@SUM(1)",
    "-1",
    "../../etc",
    "%00 %s %(a)s",
    "a\\u0000",
    "É 中文 \U0001f600",
    "x" * 64,
]
UNPRINTABLE = {
    "NUL": "a\x00b",
    "newline": "a\nb",
    "final newline": "a\n",
    "tab": "a\tb",
    "escape": "\x1b[31ma",
    "right-to-left override": "a\u202eb",
    "zero width": "a\u200bb",
    "byte order mark": "\ufeffa",
    "half a surrogate pair": "a\ud800b",
    "the other half": "\udc00",
    "private use": "\ue000",
    "a tag": "\U000e0001",
    "leading space": " a",
    "trailing space": "a ",
    "a space": " ",
    "no-break space": "a\xa0b",
}


@pytest.fixture
def api(active_version, user_with):
    return ApiClient(user_with(Role.ADMIN))


@pytest.fixture
def pages(client, api):
    """The pages that show a Loan_ID, as their text."""
    client.force_login(api.user)

    def read():
        prediction = Prediction.objects.get()
        admin = f"/admin/predictions/prediction/{prediction.pk}/change/"
        applicant = f"/admin/predictions/applicant/{prediction.pk}/change/"
        again, one = f"/score/?again={prediction.pk}", f"/predictions/{prediction.pk}/"
        return {
            path: client.get(path).content.decode()
            for path in ("/", "/history/", one, again, admin, applicant)
        }

    return read


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("loan_id", PRINTABLE)
def test_what_prints_is_stored_and_read_back_as_it_is(api, application, door, loan_id):
    assert api.post(door, [application | {"Loan_ID": loan_id}]).status_code == 200
    assert Applicant.objects.get().loan_id == loan_id
    [row] = api.get(V1).json()["results"]
    assert row["Loan_ID"] == loan_id


@pytest.mark.slow
@pytest.mark.parametrize("loan_id", MARKUP)
def test_markup_is_escaped_on_every_page(api, application, pages, loan_id):
    api.post(V1, application | {"Loan_ID": loan_id})
    for path, text in pages().items():
        assert loan_id in html.unescape(text), path
        assert not {"<", ">", '"', "&"} & set(loan_id) or loan_id not in text, path


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", UNPRINTABLE)
def test_what_does_not_print_is_refused(api, application, door, name):
    [error] = refusal(api.post(door, [application | {"Loan_ID": UNPRINTABLE[name]}]), 400)
    assert (error["code"], error["attr"]) == ("invalid", "Loan_ID")
    assert error["detail"].isprintable()


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", UNPRINTABLE)
def test_what_does_not_print_is_refused_in_every_text(api, application, door, name):
    [error] = refusal(api.post(door, [application | {"Property_Area": UNPRINTABLE[name]}]), 400)
    assert (error["code"], error["attr"]) == ("invalid_choice", "Property_Area")
    assert error["detail"].isprintable()


@pytest.mark.parametrize("name", UNPRINTABLE)
def test_an_unknown_field_that_does_not_print_is_named_in_json_that_can_be_read(api, application, name):
    [error] = refusal(api.post(V1, application | {UNPRINTABLE[name]: 1}), 400)
    assert error["code"] == "unknown_field"
    assert error["detail"].isprintable()


def test_a_pair_of_escaped_surrogates_is_one_character(api, application):
    row = json.dumps(application).replace("LP001015", r"\ud83d\ude00")
    assert api.post(V1, row).json()["Loan_ID"] == "\U0001f600"
