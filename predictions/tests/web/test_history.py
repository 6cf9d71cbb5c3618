"""Lists of predictions: the desk's and the history's."""

import html
import re
from itertools import chain

import pytest

from predictions.models import Prediction
from predictions.roles import Role
from predictions.web.history.pages import PAGE_SIZE

pytestmark = pytest.mark.usefixtures("active_version")


@pytest.fixture
def officer(client_of):
    return client_of(Role.OFFICER)


@pytest.fixture
def many(officer, entries):
    """Store more predictions than two pages hold, of an application each; return their ids, newest first."""
    officer.post("/score/", entries)
    facts = Prediction.objects.values().get()
    del facts["id"]
    Prediction.objects.bulk_create(
        Prediction(**facts | {"loan_id": f"L{number}"}) for number in range(2 * PAGE_SIZE + 2)
    )
    return list(Prediction.objects.values_list("pk", flat=True))


def ids(reply):
    return [int(pk) for pk in re.findall(r'href="/applications/(\d+)/"', reply.content.decode())]


def link(reply, rel):
    """Return the query of the next or the previous page."""
    found = re.search(rf'href="([^"]*)" rel="{rel}"', reply.content.decode())
    return found and html.unescape(found[1])


def walked(client, start, rel):
    """Return the ids of all pages from `start` on, and where the last page is."""
    found, place = [], start
    while True:
        reply = client.get(f"/history/{place}")
        found.append(ids(reply))
        if link(reply, rel) is None:
            return found, place
        place = link(reply, rel)


def test_the_first_page_holds_the_newest(officer, many):
    assert ids(officer.get("/history/")) == many[:PAGE_SIZE]


@pytest.mark.slow
@pytest.mark.parametrize("sort", ["", "?sort=oldest", "?sort=highest", "?sort=lowest"])
def test_pages_of_every_sort_follow_each_other_without_gap_or_repeat_and_back(officer, many, sort):
    for place, pk in enumerate(many):
        Prediction.objects.filter(pk=pk).update(approval_probability=(place * 7 % 10) / 10)
    onwards, last = walked(officer, sort, "next")
    assert sorted(chain.from_iterable(onwards), reverse=True) == many
    backwards, _ = walked(officer, last, "prev")
    assert backwards[::-1] == onwards
    if sort in ("?sort=highest", "?sort=lowest"):
        by_pk = dict(Prediction.objects.values_list("pk", "approval_probability"))
        shown = [by_pk[pk] for pk in chain.from_iterable(onwards)]
        assert shown == sorted(shown, reverse=sort == "?sort=highest")


def test_a_prediction_stored_meanwhile_does_not_shift_the_next_page(officer, many, entries):
    place = link(officer.get("/history/"), "next")
    officer.post("/score/", entries | {"loan_id": "LATER"})
    assert ids(officer.get(f"/history/{place}")) == many[PAGE_SIZE : 2 * PAGE_SIZE]


def test_behind_the_last_prediction_there_is_nothing_but_the_way_back(officer, many):
    page = officer.get(f"/history/?after={many[-1]}").content.decode()
    assert "No more predictions." in page
    assert ">First page</a>" in page


@pytest.mark.parametrize("sort", ["newest", "oldest", "highest", "lowest"])
def test_a_place_of_somebody_elses_prediction_is_as_good_as_none(officer, many, client_of, entries, sort):
    zoe = client_of(Role.OFFICER, "zoe")
    zoe.post("/score/", entries | {"loan_id": "HERS"})
    others = Prediction.objects.get(owner=zoe.user).pk
    Prediction.objects.filter(pk=others).update(approval_probability=0.5)
    Prediction.objects.filter(pk__in=many[::2]).update(approval_probability=0.1)  # own ones on both sides
    sides = [officer.get(f"/history/?sort={sort}&{side}={others}") for side in ("after", "before")]
    assert [ids(page) for page in sides] == [[], []]


@pytest.mark.parametrize("key", ["x", "-1", "1.5", "", "9" * 30, "\uff19", "%00", "1;drop"])
@pytest.mark.parametrize("side", ["after", "before"])
def test_a_bad_key_is_404(officer, side, key):
    assert officer.get(f"/history/?{side}={key}").status_code == 404


def test_the_history_costs_a_fixed_number_of_queries(officer, many, django_assert_max_num_queries):
    with django_assert_max_num_queries(7):
        officer.get("/history/")


def test_a_line_names_outcome_probability_source_and_synthetic_data(officer, entries):
    officer.post("/score/", entries)
    line = re.search("<tbody.*</tbody>", officer.get("/history/").content.decode(), re.S)[0]
    text = " ".join(re.sub("<[^>]+>", "", line).split())
    assert re.search(
        r"LP001015 Model: approve \d\d\.\d% Not decided .* UTC Form "
        r"Version \d+ trained on synthetic sample",
        text,
    )


@pytest.mark.parametrize("page", ["/", "/history/"])
def test_an_empty_list_teaches_what_to_do(officer, page):
    text = officer.get(page).content.decode()
    assert "No predictions yet." in text
    assert "Score the first application" in text
