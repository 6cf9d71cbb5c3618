"""Referrals and claims belong to applications from now on, and notes to colleagues alone.

- A referral of an outdated prediction makes its application wait. Where a newer prediction was decided since, the
  referral ends, and so does a claim that stood beside it.
- Drafts of denial notices quoted the decision's note. It is taken out of every saved text: no print is on record,
  so each counts as not printed. The audit record holds the digest of the text before, which tells whether a
  letter that went out was that one.

Nothing of that is undone backwards: the version before reads what is left as its own.
"""

import hashlib
import re
from typing import Any

from django.db import migrations
from django.db.models import Exists, OuterRef, Subquery
from django.utils import timezone

CHUNK = 500
ACTION = "note taken out of a notice"
NO_REASON = "[No reason is on record. Write the specific reasons of this decision here.]"
LONG = 12  # characters of a note that is looked for by itself; a shorter one may be a word of the letter
CODES = {
    "new_document": "A document that the model has not seen",
    "wrong_value": "A value was entered wrongly",
    "compensating": "Strengths that the model does not read",
    "hidden_risk": "Risks that the model does not read",
    "policy_rule": "A rule of lending policy",
    "other": "Another reason, in the note",
}
GONE = "\0"  # in place of a reason that is taken out; no text can hold it
_NUMBERED = re.compile(r"^([ \t]*)(\d+)\.(.*)$")


def end_what_was_decided(apps: Any, schema_editor: Any) -> None:
    """End referrals and claims of applications that were decided on a newer prediction."""
    names = ("Claim", "Decision", "Referral")
    Claim, Decision, Referral = (apps.get_model("predictions", name) for name in names)
    later = Decision.objects.filter(
        prediction__loan_id=OuterRef("prediction__loan_id"),
        prediction__owner=OuterRef("prediction__owner"),
        prediction__gt=OuterRef("prediction"),
    ).order_by("pk")
    decided = Referral.objects.filter(Exists(later)).values_list("pk", flat=True)
    Referral.objects.filter(pk__in=list(decided)).delete()
    standing = Claim.objects.filter(ended_at=None).filter(Exists(later))
    ends = {name: Subquery(later.values(name)[:1]) for name in ("at", "by")}
    ended = standing.annotate(decided_at=ends["at"], decider=ends["by"])
    for pk, at, by in list(ended.values_list("pk", "decided_at", "decider")):
        Claim.objects.filter(pk=pk).update(ended_at=at, ended_by=by)


def take_out_notes(apps: Any, schema_editor: Any) -> None:
    AuditRecord, Notice = (apps.get_model("predictions", name) for name in ("AuditRecord", "Notice"))
    Decision, last = apps.get_model("predictions", "Decision"), 0
    while chunk := list(Notice.objects.filter(pk__gt=last).order_by("pk")[:CHUNK]):
        last = chunk[-1].pk
        made = Decision.objects.filter(prediction__in={row.prediction_id for row in chunk}).exclude(note="")
        notes = list(made.values_list("prediction", "code", "note"))
        for row in chunk:
            text = row.text
            for code, note in [(code, note) for pk, code, note in notes if pk == row.prediction_id]:
                text = without(text, note, CODES.get(code, ""))
            if text != row.text:
                before = hashlib.sha256(row.text.encode()).hexdigest()
                detail = {"notice": row.pk, "prediction": row.prediction_id, "sha256_before": before}
                AuditRecord.objects.create(at=timezone.now(), action=ACTION, detail=detail)
                Notice.objects.filter(pk=row.pk).update(text=text)


def without(text: str, note: str, words: str) -> str:
    """Return a letter without a note, however its lines are broken, nor a reason that held nothing else."""
    flat = r"\s+".join(map(re.escape, note.split()))
    drafted = rf"{re.escape(words)}:\s+{flat}" if words else flat
    whole = rf"^[ \t]*\d+\.[ \t]*(?:{drafted}|{flat})[ \t]*$"
    left = re.sub(whole, GONE, text, flags=re.MULTILINE)
    if words or len(note) >= LONG:
        left = re.sub(rf"(?<!\w){drafted}(?!\w)", "", left)
    if len(note) >= LONG:
        left = re.sub(rf"(?<!\w){flat}(?!\w)", "", left)
    return left if left == text else _numbered_again(left)


def _numbered_again(text: str) -> str:
    """Number the reasons that are left, or ask for some where none is."""
    lines: list[str] = []
    gone: list[int] = []
    count = 0
    for line in text.split("\n"):
        found = _NUMBERED.match(line)
        if line == GONE or (found and not found[3].strip()):
            gone.append(len(lines))
            continue
        if found:
            count = 1 if found[2] == "1" else count + 1
        lines.append(f"{found[1]}{count}.{found[3]}" if found else line)
    if gone and not count:
        lines.insert(gone[0], f"1. {NO_REASON}")
    left = "\n".join(lines)
    return left if left.strip() else NO_REASON


class Migration(migrations.Migration):
    dependencies = [("predictions", "0025_words_for_the_applicant")]

    operations = [
        migrations.RunPython(end_what_was_decided, migrations.RunPython.noop),
        migrations.RunPython(take_out_notes, migrations.RunPython.noop),
    ]
