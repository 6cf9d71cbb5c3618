"""Who shares Loan_IDs: the staff share one namespace, each other account has its own.

In the staff's namespace a Loan_ID of a product belongs to one application. Before this rule several accounts
could use an ID: each of them may go on scoring its own application.
"""

import itertools
import operator
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Max, QuerySet

from ml.applications.values import compose_nfc, spellings
from predictions.errors import AlreadyScored, LoanIdTaken, TakenId
from predictions.models import ApplicationEvent, LoanIdEntry, Prediction
from predictions.models.loan_id_entry import RUNS
from predictions.models.product import stored_product
from predictions.models.querysets import AnyUser, has_right
from predictions.roles import DECIDE, SEE_ALL, SHARE_STAFF_IDS
from predictions.services.accounts import ARTICLE_USER
from predictions.services.writing.inserts import as_json
from predictions.services.writing.locks import wait_for_name

_BACKEND = "django.contrib.auth.backends.ModelBackend"
_PER_QUERY = 500
_MAX_LETTERS = 6  # 64 spellings in upper and lower case
# The index on Loan_IDs answers these, however many IDs there are. SQLite looks the IDs up as it reads them,
# sorted ones in the order of each run that has entries. It would first make a table of the IDs of an IN.
_OTHER_OWNERS = {
    "sqlite": "SELECT DISTINCT loan_id, owner_id FROM json_each(%s) runs CROSS JOIN json_each(%s) wanted "
    "CROSS JOIN predictions_loanidentry ON run = runs.value AND loan_id = wanted.value WHERE owner_id <> %s "
    "AND EXISTS (SELECT 1 FROM predictions_loanidentry some WHERE some.run = runs.value)",
    "postgresql": "SELECT DISTINCT loan_id, owner_id FROM predictions_loanidentry "
    "WHERE run = ANY(%s) AND loan_id = ANY(%s) AND owner_id <> %s",
}


def shares_staff_ids(user: AnyUser) -> bool:
    """Return True if an account is in the staff's namespace. Costs no query once its rights are known."""
    if user.get_username() == ARTICLE_USER:
        return False
    if not user.is_active:  # the owner of a batch or of an application, who has no rights now
        return staff_accounts().filter(username=user.get_username()).exists()
    return has_right(user, DECIDE) or has_right(user, SHARE_STAFF_IDS)


def staff_accounts() -> QuerySet[User]:
    """Return the accounts of the staff's namespace, inactive ones included."""
    having = (
        get_user_model().objects.with_perm(right, is_active=None, backend=_BACKEND)  # type: ignore[arg-type] # all
        for right in (DECIDE, SHARE_STAFF_IDS)
    )
    return (next(having) | next(having)).exclude(username=ARTICLE_USER)


def require_free(*, owner: AnyUser, product_id: int, loan_ids: Sequence[str]) -> None:
    """Check in a write transaction that no ID is of another staff account's application.

    Until the transaction ends, no other one of the staff can store these IDs: on SQLite the write lock orders
    all writers, on PostgreSQL locks on names do.

    Raises
    ------
    LoanIdTaken
        With the rows of `loan_ids` that are taken.
    """
    wait_for_others(product_id, loan_ids)
    if taken := taken_ids(owner=owner, product_id=product_id, loan_ids=loan_ids):
        raise LoanIdTaken(taken)


def wait_for_others(product_id: int, loan_ids: Sequence[str]) -> None:
    """Let one ID wait for the same ID alone, and several wait for all writers of the staff."""
    if len(loan_ids) > 1:
        wait_for_name("staff IDs")
        return
    wait_for_name("staff IDs", shared=True)
    for loan_id in loan_ids:
        wait_for_name(f"staff ID {product_id} {compose_nfc(loan_id)}")


def require_seen(*, owner: AnyUser, product_id: int, loan_id: str, seen: int | None) -> None:
    """Check in a write transaction that a person who scores an application of their own has seen it.

    Parameters
    ----------
    seen
        The newest prediction that the page showed.

    Raises
    ------
    AlreadyScored
        If the application has another newest prediction.
    """
    wait_for_name(f"own ID {owner.pk} {product_id} {compose_nfc(loan_id)}")
    same = Prediction.objects.of_application(loan_id, owner, stored_product(product_id))
    newest = same.order_by("-pk").values_list("pk", flat=True).first()
    if newest not in (None, seen):
        raise AlreadyScored(newest)


def differing_in_case(*, owner: AnyUser, product_id: int, loan_id: str) -> list[str]:
    """Return the IDs of the same namespace that differ from this one only in case.

    An ID of many letters is compared with its usual spellings alone: no index finds the others.
    """
    entries = LoanIdEntry.objects.of_product(product_id).with_ids(_in_case(loan_id))
    of_staff = shares_staff_ids(owner)
    entries = entries.filter(owner__in=staff_accounts()) if of_staff else entries.filter(owner=owner.pk)
    return sorted(entries.values_list("loan_id", flat=True).distinct())


def _in_case(loan_id: str) -> set[str]:
    pairs = [(character.lower(), character.upper()) for character in loan_id]
    letters = [lower != upper for lower, upper in pairs]
    if sum(letters) <= _MAX_LETTERS:
        texts = {"".join(text) for text in itertools.product(*map(dict.fromkeys, pairs))}
    else:
        texts = {loan_id.lower(), loan_id.upper(), loan_id.title(), loan_id.capitalize()}
    return texts - {loan_id}


def taken_ids(*, owner: AnyUser, product_id: int, loan_ids: Sequence[str]) -> dict[int, TakenId]:
    """Return which rows of `loan_ids` are of other staff accounts' applications, and of none of `owner`."""
    pairs = _other_owners(owner.pk, loan_ids)
    if not pairs:
        return {}
    staff = set(staff_accounts().filter(pk__in={pair[1] for pair in pairs}).values_list("pk", flat=True))
    stored = {loan_id for loan_id, owner_id in pairs if owner_id in staff}
    holders = _holders(owner, product_id, stored, {*staff, owner.pk}) if stored else {}
    found = ((row, holders.get(compose_nfc(loan_id))) for row, loan_id in enumerate(loan_ids))
    return {row: holder for row, holder in found if holder}


def _other_owners(owner_id: int | None, loan_ids: Sequence[str]) -> list[tuple[str, int]]:
    wanted = loan_ids if "".join(loan_ids).isascii() else [*_each_spelling(loan_ids)]
    lists: tuple[list[Any], ...] = [*RUNS], sorted(wanted)
    values = map(as_json, lists) if connection.vendor == "sqlite" else lists
    with connection.cursor() as cursor:
        cursor.execute(_OTHER_OWNERS[connection.vendor], [*values, owner_id])
        pairs: list[tuple[str, int]] = cursor.fetchall()
    return pairs


def _each_spelling(loan_ids: Iterable[str]) -> Iterator[str]:
    return itertools.chain.from_iterable(map(spellings, loan_ids))


def _holders(
    owner: AnyUser, product_id: int, stored: Iterable[str], owners: Iterable[int | None]
) -> Mapping[str, TakenId | None]:
    """Return who has each ID, by its composed text; None where `owner` has an application of that ID.

    An application that was merged into another one has its ID no more.
    """
    sees, holders = owner.has_perm(SEE_ALL), dict[str, TakenId | None]()
    newest = _newest(product_id, stored, owners)
    merged = _merged(newest.values())
    for (key, owner_id, name), pk in sorted(newest.items(), key=operator.itemgetter(1)):
        if pk not in merged:
            is_own = owner_id == owner.pk or holders.get(key, ...) is None
            holders[key] = None if is_own else TakenId(name, pk if sees else None)
    return holders


def _newest(
    product_id: int, stored: Iterable[str], owners: Iterable[int | None]
) -> dict[tuple[str, int, str], int]:
    """Return the newest prediction of each application, by composed Loan_ID, owner and the owner's name."""
    wanted = list(_each_spelling({compose_nfc(loan_id) for loan_id in stored}))
    of_product = LoanIdEntry.objects.of_product(product_id).filter(owner__in=owners)
    newest: dict[tuple[str, int, str], int] = {}
    for start in range(0, len(wanted), _PER_QUERY):
        some = of_product.with_ids(wanted[start : start + _PER_QUERY])
        rows = some.values_list("loan_id", "owner", "owner__username").annotate(newest=Max("prediction"))
        for loan_id, owner_id, name, pk in rows:
            key = compose_nfc(loan_id), owner_id, name
            newest[key] = max(pk, newest.get(key, pk))
    return newest


def _merged(newest: Collection[int]) -> set[int]:
    """Return which newest predictions are of merged applications."""
    pks, merged = list(newest), set[int]()
    events = ApplicationEvent.objects.filter(kind=ApplicationEvent.Kind.MERGED).order_by()
    for start in range(0, len(pks), _PER_QUERY):
        some = events.filter(prediction__in=pks[start : start + _PER_QUERY])
        merged.update(some.values_list("prediction", flat=True))
    return merged
