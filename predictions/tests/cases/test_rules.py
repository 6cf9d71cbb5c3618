"""A row for which a rule or the limit holds refers or denies at every door, with the same cause."""

import csv
import io
import json
from collections import Counter

import pytest
from django.core.management import call_command

from ml.products.loan_prediction.schema import built_in
from ml.scorecard.policy_rules import rules_to_json
from ml.scorecard.rule_reader import rules_from_facts
from predictions.models import Batch, Policy, Prediction, Referral
from predictions.roles import Role
from predictions.services.cases import what_if
from predictions.services.policies import policies
from predictions.services.policies.simulation import Selection, Simulation
from predictions.services.versions.replay import Replay, collect_flips
from predictions.tests.helpers.api import ApiClient
from predictions.tests.helpers.batches import HEADER, finished, lines
from predictions.tests.helpers.pages import words

URL = "/api/v1/predictions/"
RULES = [
    {
        "code": "rural",
        "when": "Property_Area == 'Rural' and LoanAmount > 100",
        "action": "refer",
        "officer": "A rural property needs a second look.",
    },
    {
        "code": "poor",
        "when": "ApplicantIncome + CoapplicantIncome < 2000",
        "action": "deny",
        "officer": "The income is below 2,000.",
        "applicant": "We lend to applicants with an income of at least 2,000.",
    },
]
# What each row changes of an approved application, and its outcome and causes.
ROWS = {
    "plain": ({}, "approved", []),
    "rural": ({"Property_Area": "Rural"}, "refer", ["rule:rural"]),
    "poor": ({"ApplicantIncome": 1900, "LoanAmount": 30}, "denied", ["rule:poor"]),
    "large": ({"LoanAmount": 310, "ApplicantIncome": 15_000}, "refer", ["limit:amount"]),
    "both": (
        {"LoanAmount": 310, "ApplicantIncome": 1900, "Property_Area": "Rural"},
        "denied",
        ["rule:rural", "rule:poor", "limit:amount"],
    ),
    "slip": (
        {"CoapplicantIncome": 4.1, "ApplicantIncome": 1900},
        "denied",
        ["remark:unusual_value", "rule:poor"],
    ),
}


@pytest.fixture
def api_without_rules(active_version, user_with):
    return ApiClient(user_with(Role.REVIEWER))


@pytest.fixture
def api(api_without_rules):
    adopt(rules=RULES, limit_amount=300.0)
    return api_without_rules


@pytest.fixture
def rows(application):
    return [application | {"Loan_ID": name} | changes for name, (changes, *_) in ROWS.items()]


def stored(rules):
    return rules_to_json(rules_from_facts(rules, built_in())) or None


def adopt(rules=(), **fields):
    policy = Policy(**{"threshold": 0.5, "rules": stored(rules)} | fields)
    return policies.adopt_policy(policy=policy, replaces=Policy.objects.newest().pk, by=None, reason="Agreed")


def said(reply):
    return reply["outcome"], [cause["code"] for cause in reply["causes"]]


def expected(name):
    return ROWS[name][1], ROWS[name][2]


def table(rows):
    cells = (",".join(str(row[name]) for name in HEADER.split(",")) for row in rows)
    return "\n".join([HEADER, *cells, ""]).encode()


def results(text_lines):
    """The outcome and causes of each row of a file of results, and whether it is approved."""
    read = csv.DictReader(io.StringIO("\n".join(text_lines)))
    return {row["Loan_ID"]: (row["outcome"], row["causes"], row["approved"]) for row in read}


FILE = {
    name: (outcome, "; ".join(causes), str(int(not causes))) for name, (_, outcome, causes) in ROWS.items()
}


def test_an_object_is_referred_or_denied_with_its_causes(api, rows):
    for row in rows:
        reply = api.post(URL, row).json()
        assert said(reply) == expected(row["Loan_ID"])
        assert reply["approved"] is (reply["causes"] == [])


def test_an_array_says_what_each_object_says(api, rows):
    scored = api.post(URL, rows * 1).json()["predictions"]
    assert [said(row) for row in scored] == [expected(name) for name in ROWS]
    many = [row | {"Loan_ID": f"{row['Loan_ID']}{n}"} for n in range(5) for row in rows]
    assert [said(row) for row in api.post(URL, many).json()["predictions"]] == [*map(expected, ROWS)] * 5


def test_what_was_posted_is_what_is_read_later(api, rows):
    posted = api.post(URL, rows).json()["predictions"]
    assert api.get(URL).json()["results"][::-1] == posted


def test_a_cause_is_in_the_words_for_the_officer_and_the_limit_is_named(api, rows):
    causes = {
        c["code"]: c["text"] for row in api.post(URL, rows).json()["predictions"] for c in row["causes"]
    }
    assert causes["rule:poor"] == "The income is below 2,000."
    assert causes["limit:amount"] == "Loan amount: above the limit of 300 thousand, so a person decides."


def test_only_what_refers_waits_in_the_queue(api, rows):
    api.post(URL, rows)
    waiting = Referral.objects.values_list("prediction__loan_id", flat=True)
    assert set(waiting) == {name for name, (_, outcome, _) in ROWS.items() if outcome == "refer"}


def test_the_article_s_endpoint_sends_1_for_what_nothing_refers_or_denies(api, rows):
    sent = json.loads(api.post("/predict", rows).json()["predictions"])
    assert [row["1"] for row in sent] == [int(not causes) for _, _, causes in ROWS.values()]


def test_a_batch_says_the_same_in_its_file(api, rows):
    batch = finished(api, table(rows))
    assert results(lines(api.get(f"/api/v1/batches/{batch['id']}/results.csv"))) == FILE
    assert Batch.objects.get().policy == Policy.objects.newest()


@pytest.mark.parametrize("processes", [1, 2])
def test_the_score_command_writes_the_same(api, rows, tmp_path, processes):
    source, output = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes(table(rows))
    call_command("score", input=source, output=output, processes=processes)
    assert results(output.read_text().splitlines()) == FILE


def test_the_form_leads_to_a_case_with_the_cause(api, client_of, entries):
    officer = client_of(Role.OFFICER)
    text = words(officer.post("/score/", entries | {"property_area": "Rural"}, follow=True))
    assert "A rural property needs a second look." in text
    assert Prediction.objects.get().outcome == "refer"


def test_no_gap_could_change_what_a_rule_denies(api, application):
    poor = application | {"ApplicantIncome": 1900, "LoanAmount": 60, "Credit_History": None}
    assert "gap" in said(api.post(URL, poor | {"ApplicantIncome": 2100}).json())[1]
    reply = api.post(URL, poor).json()
    assert (said(reply), reply["could_flip"]) == (("denied", ["rule:poor"]), [])


def test_an_earlier_prediction_keeps_the_rules_of_its_policy(api, rows):
    posted = api.post(URL, rows[1]).json()
    adopt(limit_amount=300.0)
    assert api.get(f"{URL}{posted['id']}/").json() | {"earlier": 0} == posted
    assert said(api.post(URL, rows[1]).json()) == ("approved", [])


def test_a_replay_reproduces_what_rules_referred_and_denied(api, active_version, rows):
    api.post(URL, rows)
    replay = Replay(candidate=active_version)
    assert collect_flips(replay, 10) == []
    assert [proof.passes for proof in replay.proofs] == [True]


def test_the_simulator_counts_what_scoring_under_the_rules_says(api_without_rules, rows):
    api_without_rules.post(URL, rows)
    proposed = Policy(threshold=0.5, rules=stored(RULES), limit_amount=300.0)
    simulation = Simulation(proposed=proposed, selection=Selection())
    changed = {Prediction.objects.get(pk=flip.pk).loan_id: flip.after for flip in simulation.flips()}
    assert changed == {"rural": "refer", "large": "refer", "poor": "denied", "slip": "denied"}
    total = simulation.counts.total()
    assert [total.after(outcome) for outcome in ("approved", "refer", "denied")] == [1, 2, 3]


def test_the_simulator_counts_what_adopting_the_policy_and_scoring_again_gives(api_without_rules, rows):
    api_without_rules.post(URL, rows)
    tried = {"rules": stored(RULES), "limit_amount": 300.0, "refer_low": 0.4, "refer_high": 0.7}
    simulation = Simulation(proposed=Policy(threshold=0.5, **tried), selection=Selection())
    list(simulation.flips())
    adopt(**tried | {"rules": RULES})
    replies = [api_without_rules.post(URL, row).json() for row in rows]
    total = simulation.counts.total()
    assert Counter(reply["outcome"] for reply in replies) == Counter(
        {outcome: total.after(outcome) for outcome in ("approved", "refer", "denied")}
    )
    assert simulation.counts.causes[1] == Counter(code for reply in replies for code in set(said(reply)[1]))


def test_the_history_counts_the_causes_of_what_it_lists(api, client_of, rows):
    api.post(URL, rows)
    auditor = client_of(Role.AUDITOR)
    page = words(auditor.get("/history/?causes=on"))
    assert "What referred or denied the 6 predictions of this list." in page
    assert "Rule poor 3 Limit of the amount 2 Rule rural 2 Remark unusual_value 1" in page
    assert "Limit of the amount 1 Rule rural 1" in words(auditor.get("/history/?outcome=refer&causes=on"))
    assert "Rule poor" not in words(auditor.get("/history/"))


@pytest.mark.parametrize("value", ["x", "", "off"])
def test_another_wish_than_to_count_causes_is_refused_by_name(client_of, value, db):
    refused = client_of(Role.AUDITOR).get(f"/history/?causes={value}")
    assert refused.status_code == 400
    assert f"causes: '{value}' is not one of on." in words(refused)


def test_what_if_and_flips_heed_rules_and_limit(api, rows):
    api.post(URL, rows[3])
    prediction = Prediction.objects.get()
    assert what_if.try_values(prediction=prediction, values={"LoanAmount": 300.0}).outcome == "approved"
    denied = what_if.try_values(prediction=prediction, values={"ApplicantIncome": 0.0})
    assert [cause["code"] for cause in denied.causes][-2:] == ["rule:poor", "limit:amount"]
    [loan] = [f for f in what_if.smallest_flips(prediction=prediction) if f.column == "LoanAmount"]
    assert loan.value == 300.0


def test_approving_what_a_rule_refers_is_an_override_and_denying_it_is_none(api, rows):
    decisions = f"{URL}{api.post(URL, rows[1]).json()['id']}/decisions/"
    assert api.post(decisions, {"verdict": "approved"}).status_code == 400
    assert api.post(decisions, {"verdict": "denied"}).status_code == 400  # the threshold is reached
    assert api.post(decisions, {"verdict": "denied", "code": "new_document"}).json()["override"] is False
