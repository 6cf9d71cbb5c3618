"""Query parameters of the API: declared by each method, published in the schema; others are refused."""

import difflib
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from django.http import QueryDict
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.views import APIView

from ml.applications.values import show_value

_MAX_NAMED = 20
_NAME_SHOWN = 100
ViewMethod = TypeVar("ViewMethod", bound=Callable[..., Any])


QUEUE = OpenApiParameter(
    "queue",
    {"type": "boolean", "default": True},
    description="Whether referred cases wait in the queue for a person. Their outcome is the same.",
)


def query_parameters(*parameters: OpenApiParameter) -> Callable[[ViewMethod], ViewMethod]:
    """Declare the query parameters of a view's method; each may be given once, unless it is an array."""

    def declare(handle: ViewMethod) -> ViewMethod:
        handle.query = parameters  # type: ignore[attr-defined]
        return handle

    return declare


def list_parameters(handle: ViewMethod) -> ViewMethod:
    """Declare that a method takes the parameters of the view's filters and pages, as `list` does."""
    handle.lists = True  # type: ignore[attr-defined]
    return handle


def declared_parameters(handle: object) -> tuple[OpenApiParameter, ...]:
    """Return the parameters that `query_parameters` declared for a method."""
    return getattr(handle, "query", ())


class StrictQuery(APIView):
    """Refuses unknown or repeated query parameters, after the caller's permissions are checked."""

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        super().initial(request, *args, **kwargs)
        handle = getattr(self, getattr(self, "action", None) or str(request.method).lower(), None)
        if handle and request.method != "OPTIONS":
            _check(request.query_params, _known(self, handle), _lists_of_texts(handle))


def _known(view: Any, handle: object) -> set[str]:
    """Return the names of a method's own parameters; for a list, with the parameters of filters and pages."""
    names = {parameter.name for parameter in declared_parameters(handle)}
    is_list = hasattr(handle, "lists") or getattr(view, "action", None) == "list"
    return names | _list_names(view) if is_list else names


def _lists_of_texts(handle: object) -> set[str]:
    """Return the names of a method's parameters that may be given several times."""
    declared = ((parameter.name, parameter.type) for parameter in declared_parameters(handle))
    return {name for name, type in declared if isinstance(type, dict) and type.get("type") == "array"}


def _list_names(view: Any) -> set[str]:
    paged = view.paginator.get_schema_operation_parameters(view) if view.paginator else ()
    pages = {parameter["name"] for parameter in paged}
    return pages | set(view.filterset_class.base_filters if view.filterset_class else ())


def _check(given: QueryDict, known: set[str], several: set[str]) -> None:
    if faults := dict(_faults(given, known, several)):
        raise ValidationError(faults)


def _faults(given: QueryDict, known: set[str], several: set[str]) -> Iterator[tuple[str, ErrorDetail]]:
    """Yield each unknown or repeated parameter with its fault."""
    unknown = [name for name in given if name not in known]
    for name in unknown[:_MAX_NAMED]:
        detail = f"{show_value(name)} is not a parameter of this address. {_hint(name, known)}"
        yield name[:_NAME_SHOWN], ErrorDetail(detail, "unknown_parameter")
    for name in (known - several) & given.keys():
        times = len(given.getlist(name))
        if times > 1:
            yield (
                name,
                ErrorDetail(f"{name} is given {times:,} times; once is expected.", "repeated_parameter"),
            )


def _hint(name: str, known: set[str]) -> str:
    folded = {_fold(parameter): parameter for parameter in known}
    close = difflib.get_close_matches(_fold(name[:_NAME_SHOWN]), folded, n=1, cutoff=0.6)
    if close:
        return f"Did you mean {folded[close[0]]}?"
    return f"Known parameters: {', '.join(sorted(known))}." if known else "It takes none."


def _fold(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())
