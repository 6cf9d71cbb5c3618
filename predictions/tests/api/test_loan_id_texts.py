"""One application has one Loan_ID: as files and JSON write it, composed or not, seen in full."""

import csv
import io
import unicodedata

import pytest
from django.core.management import call_command

from predictions.models import Applicant, Prediction, Referral
from predictions.roles import Role
from predictions.tests.api.test_input_bodies import ARTICLE, V1
from predictions.tests.helpers.api import ApiClient
from predictions.tests.helpers.batches import ROW, URL, finished, lines, table
from predictions.tests.helpers.pages import words

TEXTS = ["=x", "'=x", "''=x", "+1", "-1", "@a", "'a", "LP-1"]
NFC, NFD = "Kr\u00e9dit-\u01d6", unicodedata.normalize("NFD", "Kr\u00e9dit-\u01d6")
UNSEEN = {
    "zero width space": "A\u200bB",
    "zero width joiner": "A\u200dB",
    "soft hyphen": "A\u00adB",
    "left-to-right mark": "A\u200e",
    "isolate": "\u2066A\u2069",
    "arabic letter mark": "\u061cA",
    "Hangul choseong filler": "\u115f",
    "Hangul jungseong filler": "A\u1160",
    "Hangul filler": "\u3164",
    "half-width Hangul filler": "A\uffa0B",
    "Braille blank": "\u2800\u2800",
    "grapheme joiner": "A\u034fB",
    "Khmer inherent vowel": "A\u17b4",
    "Mongolian variation selector": "A\u180b",
    "variation selector": "A\ufe0f",
    "variation selector 17": "A\U000e0100",
    "tag": "A\U000e0041",
    "musical null": "A\U0001d159",
    "hieroglyphic blank": "\U00013441",
    "no character": "A\ufdd0",
    "no-break space": "\u00a0A",
    "narrow no-break space": "A\u202fB",
    "ideographic space": "A\u3000",
    "combining only": "\u0301",
    "combining first": "\u0301A",
    "enclosing first": "\u20ddA",
}


@pytest.fixture
def api(active_version, user_with):
    return ApiClient(user_with(Role.ADMIN))


def stored():
    return [*Prediction.objects.order_by("pk").values_list("loan_id", flat=True)]


def results(api, content):
    batch = finished(api, content)
    return batch, "\n".join(lines(api.get(f"{URL}{batch['id']}/results.csv")))


def test_json_takes_every_text_as_it_is(api, application):
    api.post(V1, [application | {"Loan_ID": text} for text in TEXTS])
    api.post(ARTICLE, [application | {"Loan_ID": text} for text in TEXTS])
    assert stored() == [*TEXTS, *TEXTS]


def test_results_of_a_batch_go_in_again_as_they_came_out(api):
    _, first = results(api, table("=x", "''=x", "'''=x", "'+1", "-1", "'a", "''a"))
    texts = ["=x", "'=x", "''=x", "+1", "-1", "'a"]
    ids = [row["Loan_ID"] for row in csv.DictReader(io.StringIO(first))]
    assert stored() == [*texts, "'a"][: len(stored())]
    _, again = results(api, table(*ids))
    assert stored()[len(ids) :] == stored()[: len(ids)]
    assert [row["Loan_ID"] for row in csv.DictReader(io.StringIO(again))] == ids


def test_a_scored_file_goes_in_again_as_it_came_out(active_version, tmp_path):
    (tmp_path / "in.csv").write_bytes(table("=x", "''=x", "'a"))
    call_command("score", "--input", tmp_path / "in.csv", "--output", tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(newline="") as file:
        assert [row["Loan_ID"] for row in csv.DictReader(file)] == ["'=x", "''=x", "''a"]


def test_the_history_tells_them_apart(api, application, client_of):
    api.post(V1, [application | {"Loan_ID": text} for text in TEXTS[:3]])
    reply = client_of(Role.ADMIN, "zoe").get("/history.csv")
    rows = csv.DictReader(io.StringIO("\n".join(lines(reply))))
    assert {row["Loan_ID"] for row in rows} == {"'=x", "''=x", "'''=x"}


@pytest.mark.parametrize("door", [V1, ARTICLE])
def test_json_is_stored_composed(api, application, door):
    replies = [api.post(door, [application | {"Loan_ID": text}]) for text in (NFD, NFC)]
    assert {reply.status_code for reply in replies} == {200}
    assert stored() == [NFC, NFC]
    assert Applicant.objects.count() == 1


def test_a_form_is_stored_composed(active_version, client_of, entries):
    client_of(Role.OFFICER).post("/score/", entries | {"loan_id": NFD})
    assert stored() == [NFC]


def test_a_file_is_stored_composed_and_its_repeats_are_found(api):
    batch, _ = results(api, table(NFD, "B"))
    assert (batch["scored"], stored()) == (2, [NFC, "B"])
    assert results(api, table(NFD, NFC, "C"))[0]["refused"] == 2


def test_rows_of_a_call_repeat_each_other_in_either_form(api, application):
    reply = api.post(V1, [application | {"Loan_ID": text} for text in (NFD, NFC, "B")]).json()
    assert (reply["scored"], [error["index"] for error in reply["errors"]]) == (1, [0, 1])


def test_a_loan_id_of_64_letters_may_be_sent_in_pieces(api, application):
    sent = unicodedata.normalize("NFD", "\u01d6" * 64)
    assert api.post(V1, application | {"Loan_ID": sent}).json()["Loan_ID"] == "\u01d6" * 64


@pytest.fixture
def old(api, application):
    """A prediction as an older version stored it, in pieces."""
    pk = api.post(V1, application | {"Loan_ID": NFC}).json()["id"]
    Prediction.objects.filter(pk=pk).update(loan_id=NFD, outcome="refer")
    Referral.objects.create(prediction_id=pk)
    return Prediction.objects.get(pk=pk)


@pytest.mark.parametrize("sought", [NFC, NFD])
def test_the_api_finds_what_was_stored_in_pieces(api, old, sought):
    for name in ("predictions", "applicants"):
        found = api.get(f"/api/v1/{name}/?Loan_ID={sought}").json()["results"]
        assert [row["Loan_ID"] for row in found] == [NFD]


@pytest.mark.parametrize("sought", [NFC, NFD, NFC[:3], NFD[:4]])
def test_history_and_admin_find_what_was_stored_in_pieces(old, client_of, sought):
    client = client_of(Role.ADMIN, "zoe")
    assert NFD in words(client.get("/history/", {"loan_id": sought}))
    assert NFD in words(client.get("/admin/predictions/prediction/", {"q": sought}))


def test_the_history_finds_exactly_what_was_stored_in_pieces(old, client_of):
    page = client_of(Role.ADMIN, "zoe").get("/history/", {"loan_id": NFC, "exact": "on"})
    assert NFD in words(page)


def test_what_only_older_versions_accepted_is_still_found(api, old):
    Prediction.objects.filter(pk=old.pk).update(loan_id="A\u3164\ufe0f")
    assert len(api.get("/api/v1/predictions/?Loan_ID=A\u3164\ufe0f").json()["results"]) == 1


def test_a_case_that_was_stored_in_pieces_is_the_same_application(api, old, application, client_of):
    assert [*Prediction.objects.waiting()] == [old]
    api.post(V1, application | {"Loan_ID": NFC, "LoanAmount": 111})
    page = words(client_of(Role.ADMIN, "zoe").get(f"/predictions/{old.pk}/"))
    assert "110 thousand → 111 thousand" in page
    assert [found.loan_id for found in Prediction.objects.waiting()] == [NFC]


@pytest.mark.parametrize("door", [V1, ARTICLE])
@pytest.mark.parametrize("name", UNSEEN)
def test_what_cannot_be_seen_is_refused_in_json(api, application, door, name):
    good = application | {"Loan_ID": "B"}
    for rows in ([application | {"Loan_ID": UNSEEN[name]}], [good, application | {"Loan_ID": UNSEEN[name]}]):
        [error] = api.post(door, rows).json()["errors"]
        assert (error["code"], error["attr"]) == ("invalid", "Loan_ID")
        assert error["detail"].isascii()
    assert set(stored()) <= {"B"}


@pytest.mark.parametrize("name", UNSEEN)
def test_what_cannot_be_seen_is_refused_in_a_form(active_version, client_of, entries, name):
    page = client_of(Role.OFFICER).post("/score/", entries | {"loan_id": UNSEEN[name]})
    assert "is not a Loan_ID" in words(page)
    assert not stored()


def test_what_cannot_be_seen_is_refused_in_a_file(api):
    batch, _ = results(api, table(*UNSEEN.values(), "A", row=ROW))
    assert (batch["scored"], batch["refused"], stored()) == (1, len(UNSEEN), ["A"])
