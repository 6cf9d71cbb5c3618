"""The newest prediction of the application that an address names, which every call about it is on."""

from typing import Any

from django.http import Http404
from rest_framework import viewsets

from ml.applications.values import show_value
from ml.errors import InvalidValue
from predictions.api.calls.body import read_object
from predictions.errors import InvalidFields, OutdatedPrediction
from predictions.live.products import product_of
from predictions.models import Prediction

RELATED = ("owner", "policy", "model_version", "explanation")


class ApplicationCalls(viewsets.GenericViewSet):
    """Calls below the address of an application."""

    def _newest(self) -> Prediction:
        """Return the newest prediction of the application of the address. Raises `Http404`."""
        return self._newest_of(int(self.kwargs["pk"]))

    def _newest_of(self, pk: int) -> Prediction:
        """Return the newest prediction of an application. Raises `Http404`.

        The application is its owner's, its holder's, and those accounts' that see everybody's.
        """
        rows = Prediction.objects.of_product(product_of(self.request)).opened_to(self.request.user)
        first: Any = rows.with_application_id().with_newest().filter(pk=pk).first()
        if first is None or first.application_id != first.pk:
            raise Http404
        found = Prediction.objects.select_related(*RELATED).defer("model_version__report")
        return found.get(pk=first.newest_id)

    def _asked(self, known: set[str]) -> tuple[Prediction, dict[str, Any]]:
        """Return the newest prediction and the body's fields, without the prediction that the caller saw.

        Raises
        ------
        OutdatedPrediction
            If the application was scored again since.
        """
        newest = self._newest()
        asked: dict[str, Any] = read_object(self.request, known | {"prediction"})
        seen = asked.pop("prediction", newest.pk)
        if seen != newest.pk or isinstance(seen, bool):
            raise _not_newest(seen, newest)
        return newest, asked


def _not_newest(seen: object, newest: Prediction) -> Exception:
    """Return the error of a body that names another prediction than the newest one."""
    earlier = Prediction.objects.of_application(*newest.application).values_list("pk", flat=True)
    if isinstance(seen, int) and not isinstance(seen, bool) and seen in earlier:
        return OutdatedPrediction(seen, newest.loan_id, newest.pk)
    detail = f"{show_value(seen)} is not a prediction of this application; its newest one is {newest.pk}."
    return InvalidFields({"prediction": InvalidValue("invalid", detail)})
