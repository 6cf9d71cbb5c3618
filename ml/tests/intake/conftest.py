"""Files of people, understood."""

import pytest

from ml.intake.plain_file import write_plain
from ml.intake.preview import preview
from ml.intake.understanding import Wishes, understand
from ml.products.loan_prediction.schema import built_in


@pytest.fixture
def understood(tmp_path):
    """Return a function that understands the content of a file."""

    def understood(content, name="people.csv", **wishes):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return understand(built_in(), name, path, Wishes(**wishes))

    return understood


@pytest.fixture
def plain(tmp_path, understood):
    """Return a function that writes a file as plain CSV, and returns its text."""

    def plain(content, name="people.csv", **wishes):
        target = tmp_path / "plain.csv"
        write_plain(understood(content, name, **wishes), target)
        return target.read_text()

    return plain


@pytest.fixture
def previewed(tmp_path, understood):
    """Return a function that previews a file."""

    def previewed(content, name="people.csv", **wishes):
        target = tmp_path / "plain.csv"
        understanding = understood(content, name, **wishes)
        write_plain(understanding, target)
        return preview(built_in(), understanding, target)

    return previewed
