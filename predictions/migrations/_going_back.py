"""The way back to the release that knows one product."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.core.management import CommandError

BUILT_IN = 1
_NOTHING = "Nothing was changed."


def refuse_if_used(apps: Any, schema_editor: Any) -> None:
    """Go back only where nothing is stored that the release before could not tell apart."""
    Product, SchemaVersion = (apps.get_model("predictions", name) for name in ("Product", "SchemaVersion"))
    others = list(Product.objects.exclude(pk=BUILT_IN).order_by("pk").values_list("name", flat=True))
    if others:
        raise CommandError(
            f"The migrations of products cannot be taken back: the release before knows one product, and this database "
            f"has {', '.join(others)} too. {_NOTHING}"
        )
    if SchemaVersion.objects.exists():
        raise CommandError(
            "The migrations of products cannot be taken back: loan-prediction has a later schema version, which the "
            f"release before cannot read. {_NOTHING}"
        )
    if (
        apps.get_model("predictions", "Batch")
        .objects.exclude(further_columns=None)
        .exclude(further_columns=[])
        .exists()
    ):
        raise CommandError(
            "The migrations of products cannot be taken back: a batch keeps further columns of its file, which "
            f"would be lost. {_NOTHING}"
        )
    if drafts := apps.get_model("predictions", "ProductDraft").objects.count():
        raise CommandError(
            f"The migrations of products cannot be taken back: {drafts} drafts of schemas would be lost. Save or "
            f"discard them first. {_NOTHING}"
        )


def refuse_if_worked_on(apps: Any, schema_editor: Any) -> None:
    """Go back only where nothing is stored that the release before applications would lose."""
    _refuse_to_lose("applications", _work(apps))


def refuse_if_notices_confirmed(apps: Any, schema_editor: Any) -> None:
    """Go back only where no second person has confirmed a notice."""
    confirmed = apps.get_model("predictions", "Notice").objects.order_by().exclude(confirmed_by=None)
    _refuse_to_lose("confirmed notices", [("the second person of a notice", confirmed)])


def refuse_if_refused_rows_kept(apps: Any, schema_editor: Any) -> None:
    """Go back only where no batch keeps the cells of its refused rows."""
    chunks = apps.get_model("predictions", "BatchChunk").objects.order_by()
    kept = chunks.exclude(refused_rows__isnull=True).exclude(refused_rows=[])
    _refuse_to_lose("batches that answer", [("the refused rows of a batch", kept)])


def _refuse_to_lose(what: str, work: Iterable[tuple[str, Any]]) -> None:
    for words, rows in work:
        if rows.exists():
            raise CommandError(
                f"The migration of {what} cannot be taken back: {words} would be lost. {_NOTHING}"
            )


def _work(apps: Any) -> Iterator[tuple[str, Any]]:
    def rows(name: str) -> Any:
        return apps.get_model("predictions", name).objects.order_by()

    yield "notes and events of applications", rows("ApplicationEvent")
    yield "holds", rows("Hold")
    yield "proposals to a second person", rows("Proposal")
    yield "the terms of a decision", rows("Decision").exclude(terms=None)
    yield "the second person of a decision", rows("Decision").exclude(confirmed_by=None)
    yield "who scored for another person", rows("Prediction").exclude(made_by=None)
    yield "the rules of a policy", rows("Policy").exclude(rules=None)
    yield "the amount limit of a policy", rows("Policy").exclude(limit_amount=None)
    for name in ("overrides", "letters", "policies", "gate"):
        yield (
            "the second person that a policy asks for",
            rows("Policy").filter(**{f"second_for_{name}": True}),
        )
