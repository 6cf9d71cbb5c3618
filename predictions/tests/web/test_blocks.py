"""Lists whose filters leave few of many predictions, before and after the worker has written blocks."""

import json
from datetime import UTC, datetime, timedelta
from itertools import chain

import pytest
from django.core.management import call_command
from django.utils import timezone

from predictions.models import ModelVersion, Prediction, PredictionBlock
from predictions.reading.blocks.codes import CODED
from predictions.roles import Role
from predictions.services.scoring.blocks import write_blocks
from predictions.services.scoring.kept_counts import SETTLED
from predictions.services.scoring.rankings import rank_predictions
from predictions.tests.helpers.api import ApiClient
from predictions.tests.helpers.history import walked

pytestmark = pytest.mark.usefixtures("active_version")
NUMBER = 1_700  # more than are looked at without blocks
SIZE = 128  # ids of a block
START = datetime(2025, 3, 1, tzinfo=UTC)
SORTS = {"newest": "-created_at", "oldest": "created_at", "highest": "-approval_probability"}


@pytest.fixture
def reviewer(client_of):
    return client_of(Role.REVIEWER)


@pytest.fixture
def stored(user_with, application):
    """Applications of two owners and two versions; those that are alike are far apart."""
    owner, other = user_with(Role.API_CLIENT), user_with(Role.OFFICER, "zoe")
    assert ApiClient(owner).post("/api/v1/predictions/", application).status_code == 201
    Prediction.objects.update(created_at=START)
    template = Prediction.objects.select_related("model_version").get()
    newer, older = template.model_version_id, retired_copy(template.model_version).pk
    Prediction.objects.bulk_create(
        Prediction(
            **values_of(template)
            | like(place)
            | {"id": template.pk + 1 + place, "loan_id": f"L{place}"}
            | {"owner_id": (other if place % 40 == 3 else owner).pk}
            | {"model_version_id": older if place < 600 else newer}
            | {"inputs": template.inputs | {"LoanAmount": place % 90 + 1.0}}
        )
        for place in range(NUMBER)
    )


def values_of(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def retired_copy(version):
    return ModelVersion.objects.create(
        **values_of(version) | {"id": None, "artefact": "older", "status": "retired"}
    )


def like(place):
    """Return what the prediction at a place is like. Ids and times are in nearly the same order."""
    return {
        "approval_probability": place * 37 % 101 / 101,
        "outcome": ["approved", "denied", "refer"][place % (3 if place < 1_000 else 2)],
        "source": "batch" if place % 50 == 7 else "api",
        "created_at": START + timedelta(hours=place // 8 * 8 + place * 5 % 11),
    }


def write_all():
    """Write blocks, as a worker does that looks again when all calls have ended."""
    now = timezone.now()
    for moment in (now, now + SETTLED):
        rank_predictions(step=1, now=moment)
    write_blocks(size=SIZE)


@pytest.fixture
def written(stored):
    """Blocks of all but the newest predictions."""
    write_all()
    PredictionBlock.objects.filter(first__gt=PredictionBlock.objects.order_by("pk")[8].pk).delete()


@pytest.fixture(params=["no block", "some blocks", "all blocks"])
def blocks(stored, request):
    if request.param != "no block":
        request.getfixturevalue("written")
    if request.param == "all blocks":
        write_blocks(size=SIZE)


def expected(order, **facts):
    sign = "-" if order.startswith("-") else ""
    return list(Prediction.objects.filter(**facts).order_by(order, f"{sign}pk").values_list("pk", flat=True))


DAYS = (datetime(2025, 3, 20, tzinfo=UTC), datetime(2025, 4, 2, 23, 59, 59, tzinfo=UTC))
LISTS = {
    "outcome=refer&source=batch": {"outcome": "refer", "source": "batch"},
    "outcome=denied&probability_min=99": {"outcome": "denied", "approval_probability__gte": 0.99},
    "probability_min=50&probability_max=51&source=batch": {
        "approval_probability__range": (0.5, 0.51),
        "source": "batch",
    },
    "officer=zoe&outcome=refer": {"owner__username": "zoe", "outcome": "refer"},
    "officer=nobody&outcome=refer": {"pk__in": []},
    "since=2025-03-20&until=2025-04-02&source=batch": {"created_at__range": DAYS, "source": "batch"},
}


@pytest.mark.parametrize("sort", SORTS)
def test_pages_are_as_if_all_predictions_were_read_and_lead_back(reviewer, blocks, sort):
    for query, facts in LISTS.items():
        onwards, last = walked(reviewer, f"?sort={sort}&{query}")
        assert list(chain.from_iterable(onwards)) == expected(SORTS[sort], **facts), query
        assert walked(reviewer, last, "prev")[0][::-1] == onwards, query


def test_pages_of_an_older_version_are_found_behind_many_others(reviewer, written):
    older = ModelVersion.objects.get(artefact="older").pk
    pages, _ = walked(reviewer, f"?version={older}&outcome=refer")
    assert list(chain.from_iterable(pages)) == expected("-created_at", model_version=older, outcome="refer")


@pytest.mark.parametrize(("low", "high"), [(3, 3), (3.5, 3.7), (40, 41), (90, 900)])
def test_amounts_in_the_middle_are_those_of_all_predictions(reviewer, written, low, high):
    query = f"/api/v1/predictions/?page_size=500&source=batch&amount_min={low}&amount_max={high}"
    shown = [row["id"] for row in json.loads(ApiClient(reviewer.user).get(query).content)["results"]]
    batch = Prediction.objects.filter(source="batch").order_by("-pk")
    assert shown == [row.pk for row in batch if low <= row.inputs["LoanAmount"] <= high]


def test_api_pages_lead_through_the_whole_list(reviewer, written):
    caller, found = ApiClient(reviewer.user), []
    url = "/api/v1/predictions/?page_size=20&outcome=denied&probability_max=0.1"
    while url:
        page = json.loads(caller.get(url).content)
        found, url = [*found, *(row["id"] for row in page["results"])], page["next"]
    assert found == expected("-pk", outcome="denied", approval_probability__lte=0.1)


def test_the_admin_counts_and_shows_what_its_filters_leave(reviewer, written):
    older = ModelVersion.objects.get(artefact="older").pk
    query = f"?outcome__exact=refer&model_version__id__exact={older}"
    page = reviewer.get(f"/admin/predictions/prediction/{query}").context["cl"]
    found = expected("-created_at", outcome="refer", model_version=older)
    assert (page.result_count, [row.pk for row in page.result_list]) == (len(found), found[:100])


def test_an_account_that_sees_its_own_finds_nothing_of_others(client_of, written):
    officer = client_of(Role.OFFICER)
    assert walked(officer, "?outcome=denied")[0] == [[]]


def test_predictions_that_are_stored_later_with_earlier_times_take_their_places(reviewer, written):
    last = Prediction.objects.latest("pk")
    facts = {"outcome": "refer", "source": "batch", "created_at": START + timedelta(days=22)}
    Prediction.objects.bulk_create(
        Prediction(**values_of(last) | facts | {"id": last.pk + number, "loan_id": f"M{number}"})
        for number in range(1, 41)
    )
    pages, _ = walked(reviewer, "?outcome=refer&source=batch")
    assert list(chain.from_iterable(pages)) == expected("-created_at", outcome="refer", source="batch")


def test_a_deleted_prediction_leaves_the_list(reviewer, written):
    facts = {"outcome": "refer", "source": "batch"}
    Prediction.objects.filter(pk__in=expected("pk", **facts)[::2]).delete()
    pages, _ = walked(reviewer, "?outcome=refer&source=batch")
    assert list(chain.from_iterable(pages)) == expected("-created_at", **facts)


def test_a_prune_deletes_the_blocks_of_which_nothing_is_left(stored):
    write_all()
    before = PredictionBlock.objects.count()
    old = Prediction.objects.order_by("pk")[: 3 * SIZE].values("pk")
    Prediction.objects.filter(pk__in=list(old.values_list("pk", flat=True))).update(
        created_at=timezone.now() - timedelta(days=9_000), outcome="approved"
    )
    call_command("prune", verbosity=0)
    assert PredictionBlock.objects.count() == before - 3


def test_no_block_has_predictions_that_others_may_still_join(stored):
    rank_predictions(step=NUMBER * 2)
    write_blocks(size=SIZE)
    assert not PredictionBlock.objects.exists()


@pytest.mark.parametrize("column", ["outcome", "source"])
def test_every_choice_has_a_code_of_its_own(column):
    codes = [CODED[column].code_of(value) for value in dict(Prediction._meta.get_field(column).choices)]
    assert sorted(codes) == list(range(len(codes)))
