"""What the page of a finished batch tells: outcomes, probabilities, causes, remarks and the first rows."""

import pytest

from predictions.models import BatchChunk, Prediction
from predictions.roles import Role
from predictions.tests.helpers.api import ApiClient
from predictions.tests.helpers.batches import ROW, finished, table
from predictions.tests.helpers.pages import table_rows, words

GAP, DENIED = ROW.replace(",1,Urban", ",,Urban"), ROW.replace(",1,Urban", ",0,Urban")
UNUSUAL = ROW.replace("5720", "9999999")


def lines(row, *loan_ids):
    return table(*loan_ids, row=row).split(b"\n", 1)[1]


@pytest.fixture
def api(active_version, user_with):
    return ApiClient(user_with(Role.OFFICER))


@pytest.fixture
def reviewer(client_of):
    return client_of(Role.REVIEWER, "zoe")


@pytest.fixture
def batch(api):
    """The id of a batch of 15 rows with every outcome: 12 approved ones, a gap, a denial, a remark."""
    content = table(*(f"A{number:02}" for number in range(12)))
    content += lines(GAP, "GAP") + lines(DENIED, "DENIED") + lines(UNUSUAL, "UNUSUAL")
    return finished(api, content)["id"]


def rows_of(client, batch):
    return table_rows(client.get(f"/batches/{batch}/").content.decode())


def test_the_scored_rows_are_counted_by_outcome(reviewer, batch):
    rows = rows_of(reviewer, batch)
    assert [row for row in rows if row[0].startswith("Model: ") and len(row) == 3] == [
        ["Model: approve", "12", "80.0%"],
        ["Model: deny", "1", "6.7%"],
        ["Model: a person decides", "2", "13.3%"],
    ]


def test_the_histogram_has_its_numbers_in_a_table(reviewer, batch):
    page = reviewer.get(f"/batches/{batch}/").content.decode()
    spans = [row for row in table_rows(page) if row[0].endswith("%") and " to " in row[0]]
    assert page.count('class="bars-bar"') == len(spans) == 20
    assert sum(int(row[1]) for row in spans) == 15
    assert "the table “Rows by probability” has the same numbers." in page


def test_causes_and_remarks_are_named_the_most_frequent_first(reviewer, batch):
    rows = rows_of(reviewer, batch)
    assert ["Missing value", "1"] in rows
    assert ["Probability below the threshold alone", "1"] in rows
    assert ["Applicant's income: unusual_value", "1"] in rows


def test_the_first_ten_rows_lead_to_their_applications(reviewer, batch):
    page = reviewer.get(f"/batches/{batch}/")
    first = Prediction.objects.get(loan_id="A00")
    assert [line.prediction.loan_id for line in page.context["view"].answer.first_rows] == [
        f"A{number:02}" for number in range(10)
    ]
    assert f'href="/applications/{first.pk}/"' in page.content.decode()


def test_the_counts_lead_to_the_rows(reviewer, batch):
    page = reviewer.get(f"/batches/{batch}/").content.decode()
    assert f'href="/history/?batch={batch}&amp;outcome=refer"' in page
    assert f'href="/queue/?batch={batch}"' in page
    found = table_rows(reviewer.get(f"/history/?batch={batch}&outcome=refer").content.decode())
    assert sorted(row[0] for row in found[1:]) == ["GAP", "UNUSUAL"]


def test_who_does_not_decide_is_not_led_to_the_queue(api, batch, client_of):
    assert "/queue/?batch=" not in client_of(Role.AUDITOR).get(f"/batches/{batch}/").content.decode()


def test_rows_that_an_earlier_release_scored_are_told_apart(reviewer, batch):
    BatchChunk.objects.update(outcomes=None)
    page = words(reviewer.get(f"/batches/{batch}/"))
    assert "Of 15 scored rows 15 are not counted here: an earlier release scored them." in page


def test_the_page_counts_no_prediction(reviewer, batch, django_assert_max_num_queries):
    with django_assert_max_num_queries(10) as queries:
        reviewer.get(f"/batches/{batch}/")
    asked = [query["sql"] for query in queries.captured_queries]
    assert not [sql for sql in asked if "COUNT(" in sql and "_prediction" in sql]


def test_a_batch_without_scored_rows_has_no_outcomes(api, reviewer):
    batch = finished(api, table("A", row=ROW.replace("Urban", "Moon")))["id"]
    assert "Outcomes" not in words(reviewer.get(f"/batches/{batch}/"))
