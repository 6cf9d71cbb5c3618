"""Lists of predictions: the desk's and the history's."""

import re

import pytest

from predictions.models import Prediction
from predictions.roles import Role
from predictions.web.views import PAGE

pytestmark = pytest.mark.usefixtures("active_version")


@pytest.fixture
def officer(client_of):
    return client_of(Role.OFFICER)


@pytest.fixture
def many(officer, entries):
    """Store more predictions than two pages hold; return their ids, newest first."""
    officer.post("/score/", entries)
    facts = Prediction.objects.values().get()
    del facts["id"]
    Prediction.objects.bulk_create(Prediction(**facts) for _ in range(2 * PAGE + 2))
    return list(Prediction.objects.values_list("pk", flat=True))


def ids(reply):
    return [int(pk) for pk in re.findall(r'href="/predictions/(\d+)/"', reply.content.decode())]


def older(reply):
    return re.search(r'href="(\?before=\d+)"', reply.content.decode())


def test_the_first_page_holds_the_newest(officer, many):
    assert ids(officer.get("/history/")) == many[:PAGE]


def test_pages_follow_each_other_by_key_without_gap_or_repeat(officer, many):
    found, link = [], ""
    while link is not None:
        reply = officer.get(f"/history/{link}")
        found += ids(reply)
        link = older(reply) and older(reply)[1]
    assert found == many


def test_a_prediction_stored_meanwhile_does_not_shift_the_next_page(officer, many, entries):
    link = older(officer.get("/history/"))[1]
    officer.post("/score/", entries)
    assert ids(officer.get(f"/history/{link}")) == many[PAGE : 2 * PAGE]


def test_the_last_page_leads_on_to_nothing_but_back_to_the_newest(officer, many):
    reply = officer.get(f"/history/?before={many[-PAGE]}")
    assert older(reply) is None
    assert ">Newest</a>" in reply.content.decode()


def test_below_the_first_prediction_there_is_nothing(officer, many):
    assert "There are no older predictions." in officer.get("/history/?before=1").content.decode()


@pytest.mark.parametrize("before", ["x", "-1", "1.5", "", "9" * 30, "\uff19", "%00", "1;drop"])
def test_a_bad_key_is_404(officer, before):
    assert officer.get(f"/history/?before={before}").status_code == 404


def test_the_history_costs_a_fixed_number_of_queries(officer, many, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        officer.get("/history/")


def test_a_line_names_outcome_probability_source_and_synthetic_data(officer, entries):
    officer.post("/score/", entries)
    line = re.search("<tbody.*</tbody>", officer.get("/history/").content.decode(), re.S)[0]
    text = " ".join(re.sub("<[^>]+>", "", line).split())
    assert re.search(
        r"LP001015 Approved \d\d\.\d % .* UTC Form Version \d+ trained on synthetic sample data", text
    )


@pytest.mark.parametrize("page", ["/", "/history/"])
def test_an_empty_list_teaches_what_to_do(officer, page):
    text = officer.get(page).content.decode()
    assert "No predictions yet." in text
    assert "Score the first application" in text
