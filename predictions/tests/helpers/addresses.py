"""An example of every address of the site, from its own table of addresses."""

import re

from predictions.tests.admin.test_roles import addresses

_ANCHORS = re.compile(r"\^|\$|\\Z")
_PLACES = [r"\(\?P<(pk|number)>[^)]*\)", r"<path:[^>]*>", r"<(int:)?(pk|id)>"]
_NAME = "<slug:name>"


def examples() -> list[str]:
    """Return an address of each pattern, with the id 1; without the admin's two that name no page."""
    paths = ["/" + _ANCHORS.sub("", path) for path in addresses() if "(?P<url>" not in path]
    paths = [path.replace(_NAME, "loan-prediction") for path in paths]
    for place in _PLACES:
        paths = [re.sub(place, "1", path) for path in paths]
    return sorted(path.replace("\\.", ".") for path in paths if "(?P<app_label>" not in path)
