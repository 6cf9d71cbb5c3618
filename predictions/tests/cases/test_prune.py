"""What is older than the retention goes with all that hangs on it; nothing else does."""

import io
from collections import Counter
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from ml.applications.records import read_json_row
from ml.products.loan_prediction.schema import built_in
from predictions.models import (
    Applicant,
    ApplicationEvent,
    AuditRecord,
    Batch,
    BatchChunk,
    Claim,
    Decision,
    Explanation,
    KeptAnswer,
    ModelVersion,
    Notice,
    Policy,
    Prediction,
    Referral,
)
from predictions.roles import Role
from predictions.services.cases import decisions, notes, notices
from predictions.services.queue import claims
from predictions.services.retention import pruning as retention
from predictions.services.retention.pruning import Pruning, prune
from predictions.services.scoring import scoring
from predictions.tests.helpers.api import ApiClient
from predictions.tests.helpers.batches import finished, table

SCHEMA = built_in()

OLD = timezone.now() - timedelta(days=26 * 31)
REFER_ALL = {"threshold": 0.5, "refer_low": 0.0, "refer_high": 1.0}


@pytest.fixture
def officer(user_with):
    return user_with(Role.REVIEWER)


@pytest.fixture
def score(active_version, officer, application):
    def make(loan_id, at=None, **changes):
        row = read_json_row(SCHEMA, application | changes | {"Loan_ID": loan_id})
        facts = {"source": Prediction.Source.API, "request_id": "t", "now": at}
        (scored,) = scoring.score_records(owner=officer, records=[row], **facts)
        return Prediction.objects.get(pk=scored.id)

    return make


def refer(*predictions):
    pks = [prediction.pk for prediction in predictions]
    Prediction.objects.filter(pk__in=pks).update(outcome=Prediction.Outcome.REFER)
    Referral.objects.bulk_create(Referral(prediction_id=pk) for pk in pks)


def command(*arguments):
    out = io.StringIO()
    call_command("prune", *arguments, stdout=out)
    return out.getvalue()


def left():
    return set(Prediction.objects.values_list("loan_id", flat=True))


def deny(prediction, by):
    facts = {"prediction": prediction, "by": by}
    decisions.decide(**facts, verdict="denied", code="other", note="Known to us.")
    notices.save_notice(**facts, text="Sorry.", after=0)


def test_the_old_goes_with_all_that_stands_beside_it(score, officer):
    score("NEW")
    old = score("OLD", OLD, Credit_History=0)
    refer(old)
    claims.claim_case(prediction=old, by=officer)
    deny(old, officer)
    command()
    assert left() == {"NEW"}
    assert [model.objects.count() for model in (Applicant, Explanation)] == [1, 1]
    assert not any(model.objects.exists() for model in (Decision, Claim, Notice))


def test_what_others_need_stays(score):
    score("SHARED", OLD)
    score("SHARED")
    command()
    assert [model.objects.count() for model in (Prediction, Applicant, Explanation)] == [1, 1, 1]


def test_versions_policies_and_audit_records_stay(score):
    score("OLD", OLD)
    kept = [ModelVersion, Policy, AuditRecord]
    before = [set(model.objects.values_list("pk", flat=True)) for model in kept]
    command()
    after = [set(model.objects.values_list("pk", flat=True)) for model in kept]
    assert all(was <= now for was, now in zip(before, after, strict=True))


def test_a_case_that_still_waits_is_kept_and_said(score):
    refer(score("WAITS", OLD))
    score("OLD", OLD)
    assert "wait for a decision: 1 predictions" in command()
    assert left() == {"WAITS"}


def test_of_a_case_that_waits_and_was_scored_again_the_newest_prediction_stays_and_waits(score):
    refer(score("AGAIN", OLD))
    score("OTHER", OLD)
    newest = score("AGAIN", OLD)
    prune(pruning=Pruning(retention.prune_limit(None)), account="t", batch=1)
    assert list(Prediction.objects.all()) == list(Prediction.objects.waiting()) == [newest]


def test_a_case_that_waits_keeps_its_notes_when_it_was_scored_again(score, officer):
    first = score("AGAIN", OLD)
    notes.add_note(prediction=first, by=officer, text="The applicant calls back.")
    refer(score("AGAIN", OLD))
    pruning = Pruning(retention.prune_limit(None))
    retention.count_prunable(pruning=pruning)
    prune(pruning=pruning, account="t")
    assert ApplicationEvent.objects.get().prediction == first


def test_answers_past_their_day_go(officer):
    facts = {"owner": officer, "digest": "d", "status": 201, "content": b"{}"}
    for key, at in (("old", OLD), ("new", timezone.now())):
        KeptAnswer.objects.create(**facts, key=key, at=at)
    command()
    assert KeptAnswer.objects.get().key == "new"


def test_old_batches_go_with_what_was_refused_in_them(active_version, officer):
    old, new = (finished(ApiClient(officer), table("A", "A"))["id"] for _ in range(2))
    Batch.objects.filter(pk=old).update(finished_at=OLD)
    said = command("--dry-run")
    assert command() == said.replace("would be deleted:", "deleted:")
    assert [batch.pk for batch in Batch.objects.all()] == [new]
    assert [chunk.batch_id for chunk in BatchChunk.objects.all()] == [new]


def test_a_dry_run_counts_what_a_prune_deletes_and_deletes_nothing(score, officer):
    deny(score("OLD", OLD, Credit_History=0), officer)
    refer(score("WAITS", OLD))
    counted = command("--dry-run")
    assert (left(), AuditRecord.objects.filter(action="prune").count()) == ({"OLD", "WAITS"}, 0)
    assert command().replace("deleted:", "would be deleted:") == counted


def test_a_day_that_is_too_late_is_refused_and_the_latest_named(score, settings):
    settings.RETENTION_MONTHS = 12
    score("OLD", OLD)
    with pytest.raises(CommandError, match=f"Use {retention.first_kept_day()}"):
        command("--before", f"{retention.first_kept_day() + timedelta(days=1)}")
    assert left() == {"OLD"}


def test_an_earlier_day_leaves_what_came_after_it(score):
    score("OLD", OLD)
    command("--before", f"{OLD:%Y-%m-%d}")
    assert left() == {"OLD"}


def test_a_day_that_is_none_is_named(db):
    with pytest.raises(CommandError, match="'October'"):
        command("--before", "October")


def test_months_end_where_the_earlier_month_does(settings):
    settings.RETENTION_MONTHS = 25
    assert str(retention.first_kept_day(datetime(2026, 3, 31, 12, tzinfo=UTC))) == "2024-02-29"


def test_an_interrupted_prune_is_on_record_and_the_next_one_finishes(score):
    for number in range(3):
        score(f"OLD-{number}", OLD)
    pruning = Pruning(retention.prune_limit(None))
    with pytest.raises(KeyboardInterrupt):
        prune(pruning=pruning, account="anna", batch=1, on_progress=_interrupt)
    assert (len(left()), Applicant.objects.count()) == (2, 2)
    command()
    second, first = (record.detail for record in AuditRecord.objects.filter(action="prune"))
    assert (first["account"], first["finished"], second["finished"]) == ("anna", False, True)
    deleted = Counter(first["deleted"]) + Counter(second["deleted"])
    assert deleted == {"predictions": 3, "explanations": 1}


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize("within", [nullcontext, transaction.atomic])
def test_scoring_goes_on_where_a_remembered_explanation_is_gone(score, within):
    score("OLD", OLD)
    command()
    with within():
        score("NEW")
    assert Prediction.objects.get().reasons


def _interrupt(pruning):
    raise KeyboardInterrupt
