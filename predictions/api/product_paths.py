"""The published schema's paths below the address of a product."""

from typing import Any

from django.http import HttpRequest

from predictions.api.json_schemas import JsonSchema
from predictions.models import Product
from predictions.web.mounts import API

_ROOT = "/api/v1/"
_ARTICLE = ("ArticleRow", "ArticleRows")  # of the article's endpoint, which no product's address has


def is_mounted(request: HttpRequest) -> bool:
    """Return True if the address of a request names a product."""
    return request.path.startswith(API)


def only(document: JsonSchema, product: Product) -> JsonSchema:
    """Return the document with the paths of a product alone, as they are below its address."""
    paths = {_below(path, product): verbs for path, verbs in _of_a_product(document)}
    title = f"{document['info']['title']}: {product.title}"
    for name in _ARTICLE:
        del document["components"]["schemas"][name]
    return document | {"paths": paths, "info": document["info"] | {"title": title}}


def add(document: JsonSchema, product: Product, components: JsonSchema) -> None:
    """Add the paths of a product to a document, with the components that differ.

    Parameters
    ----------
    components : dict
        By the name that they have in the document of the product alone.
    """
    ending = product.name.replace("-", "_")  # names have no "_": no two endings are the same
    renamed = {_reference(name): _reference(f"{name}_{ending}") for name in components}
    document["components"]["schemas"] |= {
        f"{name}_{ending}": _renamed(component, renamed) for name, component in components.items()
    }
    document["paths"] |= {
        _below(path, product): {
            verb: _renamed(operation, renamed)
            | {"operationId": f"{ending}_{operation['operationId']}", "tags": [product.title]}
            for verb, operation in verbs.items()
        }
        for path, verbs in _of_a_product(document)
    }


def _of_a_product(document: JsonSchema) -> list[tuple[str, JsonSchema]]:
    """Return the paths that each product has, without those of products added before."""
    return [
        (path, verbs)
        for path, verbs in document["paths"].items()
        if path.startswith(_ROOT) and not path.startswith(API)
    ]


def _below(path: str, product: Product) -> str:
    return f"{API}{product.name}/{path.removeprefix(_ROOT)}"


def _reference(name: str) -> str:
    return f"#/components/schemas/{name}"


def _renamed(value: Any, renamed: dict[str, str]) -> Any:
    """Return a copy in which references lead to the renamed components."""
    if isinstance(value, dict):
        return {
            key: renamed.get(inner, inner) if key == "$ref" else _renamed(inner, renamed)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_renamed(inner, renamed) for inner in value]
    return value
