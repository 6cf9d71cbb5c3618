"""Lists by probability and of extreme amounts, before and after the worker has ranked predictions."""

import json
from datetime import timedelta
from itertools import chain

import pytest
from django.core.management import call_command
from django.utils import timezone

from predictions.models import Prediction, RankedPrediction, Ranking
from predictions.roles import Role
from predictions.services.cases import decisions
from predictions.services.scoring.kept_counts import SETTLED
from predictions.services.scoring.rankings import rank_predictions
from predictions.tests.helpers.api import ApiClient
from predictions.tests.helpers.history import ids, walked

pytestmark = pytest.mark.usefixtures("active_version")
OUTCOMES = Prediction.Outcome.values
KEPT = 30  # places of a ranking: more than a page, less than all predictions
SORTS = {"highest": True, "lowest": False}


@pytest.fixture
def reviewer(client_of):
    return client_of(Role.REVIEWER)


@pytest.fixture
def store(user_with, application):
    """Store applications by API with equal probabilities among them, and amounts from 1 on: ``store(90)``."""
    api = ApiClient(user_with(Role.API_CLIENT))

    def make(number):
        first = Prediction.objects.count()
        rows = [
            application | {"Loan_ID": f"L{place}", "LoanAmount": place + 1}
            for place in range(first, first + number)
        ]
        assert api.post("/api/v1/predictions/", rows).status_code == 200
        every = list(Prediction.objects.order_by("pk").only("pk"))
        for place, row in enumerate(every):
            row.approval_probability, row.outcome = place * 37 % 23 / 23, OUTCOMES[place % 3]
            row.source = "form" if place in (3, 80) else "api"
        Prediction.objects.bulk_update(every, ["approval_probability", "outcome", "source"])

    return make


def rank(kept=KEPT):
    """Rank all that is stored, as a worker does that looks again when all calls have ended."""
    now = timezone.now()
    rank_predictions(step=1, kept=kept, now=now)
    rank_predictions(step=1, kept=kept, now=now + SETTLED)


@pytest.fixture(params=["none ranked", "some ranked", "cut", "all ranked"])
def stored(store, request):
    """90 predictions, of which the worker has ranked some."""
    store(60)
    if request.param != "none ranked":
        rank(kept=10_000 if request.param == "all ranked" else KEPT)
    store(30)
    if request.param in ("cut", "all ranked"):
        rank(kept=10_000 if request.param == "all ranked" else KEPT)


def in_order(sort, **facts):
    rows = Prediction.objects.filter(**facts).values_list("approval_probability", "pk")
    return [pk for _, pk in sorted(rows, reverse=SORTS[sort])]


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("facts", [{}, {"outcome": "denied"}, {"source": "form"}])
def test_pages_are_as_if_all_predictions_were_sorted_and_lead_back(reviewer, stored, sort, facts):
    query = "".join(f"&{name}={value}" for name, value in facts.items())
    onwards, last = walked(reviewer, f"?sort={sort}{query}")
    assert list(chain.from_iterable(onwards)) == in_order(sort, **facts)
    assert walked(reviewer, last, "prev")[0][::-1] == onwards


@pytest.mark.parametrize("sort", SORTS)
def test_a_deleted_prediction_leaves_the_list(reviewer, stored, sort):
    Prediction.objects.filter(pk__in=in_order(sort)[:40:3]).delete()
    assert list(chain.from_iterable(walked(reviewer, f"?sort={sort}")[0])) == in_order(sort)


@pytest.mark.parametrize("sort", SORTS)
def test_a_decision_takes_a_prediction_out_of_those_without_one(reviewer, stored, sort):
    first, *others = in_order(sort, outcome="refer")
    facts = {"verdict": "denied", "code": "other", "note": "Paid on time for six years."}
    decisions.decide(prediction=Prediction.objects.get(pk=first), by=reviewer.user, **facts)
    shown = walked(reviewer, f"?sort={sort}&outcome=refer&decision=none")[0]
    assert list(chain.from_iterable(shown)) == others


def test_an_account_that_sees_its_own_finds_nothing_of_others_in_a_ranking(client_of, stored):
    assert ids(client_of(Role.OFFICER).get("/history/?sort=highest")) == []


def test_a_prune_makes_rankings_again_and_the_list_is_right_before_and_after(reviewer, stored):
    Prediction.objects.filter(pk__in=in_order("highest")[:20]).update(
        created_at=timezone.now() - timedelta(days=9_000)
    )
    call_command("prune", verbosity=0)
    assert (Prediction.objects.count(), Ranking.objects.count()) == (75, 0)  # five wait for a decision
    before = walked(reviewer, "?sort=highest")[0]
    rank()
    assert before == walked(reviewer, "?sort=highest")[0]
    assert list(chain.from_iterable(before)) == in_order("highest")


@pytest.mark.parametrize(
    "query", ["amount_min=85", "amount_max=3", "amount_min=20&amount_max=70", "amount_min=900"]
)
def test_amounts_are_those_of_all_predictions(reviewer, user_with, stored, query):
    limits = dict(part.split("=") for part in query.split("&"))
    low, high = int(limits.get("amount_min", 0)), int(limits.get("amount_max", 900))
    expected = {f"L{amount - 1}" for amount in range(1, 91) if low <= amount <= high}
    reply = ApiClient(reviewer.user).get(f"/api/v1/predictions/?page_size=100&{query}")
    assert {row["Loan_ID"] for row in json.loads(reply.content)["results"]} == expected


@pytest.mark.parametrize(("low", "high"), [(95, 100), (0, 0), (20, 60), (96, 97)])
def test_probabilities_are_those_of_all_predictions(reviewer, stored, low, high):
    shown, _ = walked(reviewer, f"?sort=highest&probability_min={low}&probability_max={high}")
    between = {"approval_probability__gte": low / 100, "approval_probability__lte": high / 100}
    assert list(chain.from_iterable(shown)) == in_order("highest", **between)


@pytest.mark.parametrize(("source", "number"), [("batch", 0), ("form", 2), ("api", 88)])
def test_the_predictions_of_a_source_are_found_in_the_history_and_the_admin(reviewer, stored, source, number):
    shown = list(chain.from_iterable(walked(reviewer, f"?source={source}")[0]))
    page = reviewer.get(f"/admin/predictions/prediction/?source__exact={source}")
    assert [len(shown), page.context["cl"].result_count] == [number, number]


def test_a_ranking_is_cut_before_it_has_twice_its_places(store):
    store(90)
    rank()
    assert {ranking.places.count() for ranking in Ranking.objects.filter(measure="probability", part="")} == {
        KEPT
    }
    store(20)
    rank()
    assert all(ranking.places.count() <= 2 * KEPT for ranking in Ranking.objects.all())


def test_few_new_predictions_are_not_worth_a_transaction(store):
    store(3)
    rank_predictions(step=4)
    assert not RankedPrediction.objects.exists()
