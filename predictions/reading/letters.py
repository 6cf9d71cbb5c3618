"""Letters that wait for the second person whom the policy in force asks for."""

from typing import cast

from django.db.models import Exists, F, OuterRef, Q, Subquery

from predictions.models import Decision, Notice, Policy, Prediction, Product
from predictions.models.loan_id_entry import newest_of, outer_application
from predictions.models.prediction import CaseRecordQuerySet
from predictions.models.querysets import AnyUser


def letters_to_confirm(user: AnyUser, product: Product) -> CaseRecordQuerySet[Notice]:
    """Return the saved texts of a product that wait for a second person and that a user may see.

    Of each case it is the newest text, as long as its newest decision has a letter and the application was
    not scored again.
    """
    rows: CaseRecordQuerySet[Notice] = Notice.objects.of_product(product)
    if not Policy.objects.of_product(product).newest().second_for_letters:
        return rows.none()
    same_case = OuterRef("prediction")
    decisions = Decision.objects.filter(prediction=same_case).order_by("-pk")
    has_letter = Decision.objects.filter(
        Q(verdict=Decision.Verdict.DENIED) | Q(terms__isnull=False), pk=OuterRef("decision")
    )
    waiting = rows.alias(
        decision=Subquery(decisions.values("pk")[:1]), decided_at=Subquery(decisions.values("at")[:1])
    ).filter(
        Q(confirmed_at=None) | Q(confirmed_at__lt=F("decided_at")),
        ~Exists(Notice.objects.filter(prediction=same_case, pk__gt=OuterRef("pk"))),
        Exists(has_letter),
        Exists(Prediction.objects.visible_to(user).filter(pk=same_case)),
        prediction=newest_of(*outer_application("prediction__")),
    )
    return cast("CaseRecordQuerySet[Notice]", waiting)
