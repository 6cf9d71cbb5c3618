"""Fill the site of an earlier commit and keep its files and replies as test data; `make.sh` runs this.

The script imports nothing of the project, whose modules move: it knows commands and addresses.
"""

import csv
import gzip
import io
import json
import re
import shutil
import sqlite3
import sys
import tempfile
import unicodedata
from contextlib import closing
from html import unescape
from pathlib import Path

import django
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connections
from django.test import Client

APPLICATION = {
    "Gender": "Male", "Married": "Yes", "Dependents": "0", "Education": "Graduate", "Self_Employed": "No",
    "ApplicantIncome": 5720, "CoapplicantIncome": 0, "LoanAmount": 110, "Loan_Amount_Term": 360,
    "Credit_History": 1, "Property_Area": "Urban",
}  # fmt: skip
BAD = {"Credit_History": 0, "LoanAmount": 400, "Property_Area": "Rural"}
OPEN = {"Credit_History": None}  # without it the outcome is open: the case is referred
CLOSE = {"ApplicantIncome": 3000, "LoanAmount": 130, "Property_Area": "Rural"}  # in the refer band
# Scored by both models.
VARIED = {
    "TYPICAL": {},
    "POOR": BAD,
    "CLOSE": CLOSE,
    "GAPS": dict.fromkeys(
        ["Gender", "Married", "Dependents", "Self_Employed", "LoanAmount", "Loan_Amount_Term"]
    ),
    "OPEN": OPEN,
    "RICH": {"ApplicantIncome": 81000, "CoapplicantIncome": 41667, "LoanAmount": 700},
    "REMARKED": {"ApplicantIncome": 150, "LoanAmount": 9, "Loan_Amount_Term": 12},
}
OVERRIDE = {"code": "new_document", "note": "The bank statement shows the old debt as paid in full."}
LOAN_ID = "Loan_ID"
URL = "/api/v1/predictions/"


def application(loan_id, **changes):
    return {LOAN_ID: loan_id} | APPLICATION | changes


class Browser:
    """A signed-in person."""

    def __init__(self, name):
        self.client = Client(SERVER_NAME="localhost")
        self.client.force_login(get_user_model().objects.get(username=name))

    def score(self, loan_id, **changes):
        """Score an application by the form; return the prediction's id."""
        values = application(loan_id, **changes).items()
        reply = self.post(
            "/score/", {_field(column): "" if value is None else value for column, value in values}
        )
        return int(re.search(r"\d+", reply.headers["Location"])[0])

    def decide(self, prediction, verdict, after=0, **why):
        self.post(f"/predictions/{prediction}/decide/", {"verdict": verdict, "after": after} | why)

    def claim(self, prediction):
        self.post(f"/predictions/{prediction}/claim/", {})

    def release(self, prediction):
        self.post(f"/predictions/{prediction}/release/", {})

    def write_notice(self, prediction):
        """Save the notice as the site drafts it, with one line more."""
        address = f"/predictions/{prediction}/notice/"
        page = self.client.get(address).content.decode()
        draft = unescape(re.search(r"<textarea[^>]*>\s*(.*?)</textarea>", page, re.DOTALL)[1])
        self.post(address, {"text": f"{draft}\nPlease call us.\n", "after": 0})

    def post(self, address, entries):
        reply = self.client.post(address, entries)
        assert reply.status_code in (302, 303), (address, reply.status_code, reply.content.decode())
        return reply


class Caller:
    """A caller of the API with a token of its own."""

    def __init__(self, name):
        self.token = command("create_api_token", name).strip()
        self.client = Client(SERVER_NAME="localhost", headers={"Authorization": f"Token {self.token}"})

    def get(self, address):
        reply = self.client.get(address)
        assert reply.status_code == 200, (address, reply.status_code)
        return reply

    def post(self, address, document, key=None):
        headers = {"Idempotency-Key": key} if key else {}
        reply = self.client.post(address, document, content_type="application/json", headers=headers)
        assert reply.status_code in (200, 201), (address, reply.status_code, reply.content)
        return reply

    def upload(self, name, rows):
        """Send a batch; return its id."""
        text = io.StringIO()
        writer = csv.DictWriter(text, [LOAN_ID, *APPLICATION], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        address = f"/api/v1/batches/?name={name}"
        reply = self.client.post(address, text.getvalue(), content_type="text/csv")
        assert reply.status_code == 202, (reply.status_code, reply.content)
        return reply.json()["id"]

    def every(self, address):
        """Return the rows of all pages of a list."""
        rows = []
        while address:
            page = self.get(address).json()
            rows, address = rows + page["results"], page["next"]
        return rows


def command(*arguments, **options):
    """Run a command of the site and return what it prints."""
    out = io.StringIO()
    call_command(*arguments, stdout=out, **options)
    return out.getvalue()


def work_off_the_queue():
    call_command("db_worker", batch=True, startup_delay=False, interval=0, verbosity=0)


def fill():
    """Do each kind of work a few times; return the replies to keep."""
    command("prepare")  # accounts, and version 1: a scorecard of the synthetic sample, active
    officer, reviewer, client = Browser("officer"), Browser("reviewer"), Caller("client")
    score_by_form(officer, reviewer)
    command("train", recipe="article", activate=True, reason="The article's model for a day")
    score_varied(client)
    client.post(URL, json.dumps(application("NEGATIVE-ZERO", CoapplicantIncome=-0.0)))
    command("activate_model", "1", reason="Back to the scorecard")
    command("adopt_policy", threshold=0.6, refer_low=0.5, refer_high=0.7, reason="Close calls go to a person")
    score_varied(client)
    score_again(officer, reviewer)
    replies = {"client": client.token, "kept": score_with_key(client)}
    decide_by_api(Caller("reviewer"), json.loads(replies["kept"]["reply"])["id"])
    replies["article"] = client.post("/predict", json.dumps([application("ARTICLE")])).json()
    replies["batch"] = score_batch(client)
    train_candidate()
    replies["replay"] = command("replay", "3")
    replies["waiting_batch"] = client.upload("waiting.csv", [application("BATCH-LATER")])
    return replies | read_back()


def score_by_form(officer, reviewer):
    """Score under the first policy; decide, override, claim, release, write a letter."""
    officer.decide(officer.score("FORM-APPROVED"), "approved", note="Papers complete.")
    denied = officer.score("FORM-DENIED", **BAD)
    officer.decide(denied, "denied", code="hidden_risk", note="The employer closes its site in autumn.")
    officer.write_notice(denied)
    reviewer.decide(officer.score("FORM-OVERRIDDEN", **BAD), "approved", **OVERRIDE)
    claimed = officer.score("FORM-CLAIMED", **OPEN)
    officer.claim(claimed)
    officer.release(claimed)
    reviewer.claim(claimed)
    officer.score("FORM-WAITS", **OPEN)
    officer.score(unicodedata.normalize("NFD", "CAFÉ-1"))


def score_again(officer, reviewer):
    """Two referred cases that were scored again: one still waits, the other is decided."""
    officer.score("AGAIN-WAITS", **OPEN)
    officer.score("AGAIN-WAITS")
    reviewer.claim(officer.score("AGAIN-DECIDED", **OPEN))
    newest = officer.score("AGAIN-DECIDED")
    officer.decide(newest, "approved")


def score_varied(client):
    rows = [application(name, **changes) for name, changes in VARIED.items()]
    client.post(URL, json.dumps(rows))


def score_with_key(client):
    """Return a call with a key, and its reply."""
    body = json.dumps(application("KEPT"))
    reply = client.post(URL, body, key="kept-by-an-earlier-commit")
    assert reply.status_code == 201
    return {"key": "kept-by-an-earlier-commit", "body": body, "reply": reply.content.decode()}


def decide_by_api(reviewer, prediction):
    """Approve as advised, then deny against the advice."""
    for wish in ({"verdict": "approved"}, {"verdict": "denied"} | OVERRIDE):
        reviewer.post(f"{URL}{prediction}/decisions/", json.dumps(wish))


def score_batch(client):
    """Score a file of two good rows, two of one Loan_ID and a bad one; return what is said of it."""
    good = [application("BATCH-1"), application("BATCH-2", **BAD)]
    bad = [application("BATCH-TWICE")] * 2 + [application("BATCH-BAD", Property_Area="Moon")]
    number = client.upload("applications.csv", good + bad)
    work_off_the_queue()
    address = f"/api/v1/batches/{number}"
    files = {
        name: b"".join(client.get(f"{address}/{name}.csv").streaming_content).decode()
        for name in ("results", "errors")
    }
    return {"said": client.get(f"{address}/").json()} | files


def train_candidate():
    """Version 3: a scorecard of the first 400 rows of the sample."""
    (kept, *_) = settings.TRAINING_FILES.iterdir()
    with tempfile.TemporaryDirectory() as directory:
        table = Path(directory) / "first-rows.csv"
        table.write_text("".join(kept.read_text().splitlines(keepends=True)[:401]))
        command("train", data=table)


def read_back():
    """Return what the API says of everything."""
    caller = Caller("reviewer")
    predictions = {row["id"]: row for row in caller.every(URL)}
    decisions = {key: caller.every(f"{URL}{key}/decisions/") for key in predictions}
    return {
        "predictions": list(predictions.values()),
        "decisions": {key: rows for key, rows in decisions.items() if rows},
        "applicants": caller.every("/api/v1/applicants/"),
    }


def model_answers(replies):
    """Return what each model said of the varied applications, by its artefact."""
    answers = {}
    for key, artefact in apps.get_model("predictions", "ModelVersion").objects.values_list("pk", "artefact"):
        said = [
            {"application": application(row[LOAN_ID], **VARIED[row[LOAN_ID]])}
            | {name: row[name] for name in ("approval_probability", "log_odds", "base", "reasons")}
            for row in replies["predictions"]
            if row["model_version"] == key and row[LOAN_ID] in VARIED
        ]
        if said:
            answers[artefact] = said
    return answers


def keep(directory, replies):
    """Write files and replies into the directory of test data."""
    for name in ("artefacts", "training", "batches"):
        shutil.copytree(settings.VAR / name, directory / name, copy_function=shutil.copyfile)
    for name, document in (("replies", replies), ("models", model_answers(replies))):
        text = json.dumps(document, indent=1, ensure_ascii=False)
        (directory / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")
    connections.close_all()
    whole = settings.VAR / "whole.sqlite3"
    with closing(sqlite3.connect(settings.DATABASES["default"]["NAME"])) as database:
        database.execute(f"VACUUM INTO '{whole}'")
    packed = gzip.compress(whole.read_bytes(), mtime=0)
    (directory / "db.sqlite3.gz").write_bytes(packed)


def _field(column):
    """Return the form's name of a column: ApplicantIncome is applicant_income."""
    return re.sub("(?<=[a-z])(?=[A-Z])", "_", column).lower()


if __name__ == "__main__":
    django.setup()
    keep(Path(sys.argv[1]), fill())
