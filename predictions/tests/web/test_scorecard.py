"""The points table of a version as a page."""

import re

import pytest

from ml.scorecard.scaling import Scaling
from predictions.models import ModelVersion
from predictions.roles import Role
from predictions.tests.helpers.pages import table_rows, words

SCALING = Scaling()


@pytest.fixture
def officer(client_of):
    return client_of(Role.OFFICER)


@pytest.fixture
def page(officer, active_version):
    return officer.get(f"/models/{active_version.pk}/scorecard/").content.decode()


def test_every_bin_of_every_column_has_its_points_rows_and_approval_rate(page, trained):
    rows = table_rows(page)
    for column in trained.scorecard.columns:
        for found in column.bins:
            row = next(row for row in rows if row[0] == found.label and row[4] == str(found.rows))
            points = float(row[1].replace("\N{MINUS SIGN}", "-"))
            assert points == pytest.approx(SCALING.points(found.points), abs=0.5)
            approved = f"{100 * found.approved / found.rows:.1f}%" if found.rows else "no rows"
            assert row[5] == approved


def test_base_and_scale_are_explained(page, trained):
    text = words(page)
    assert f"Score = {SCALING.score(trained.scorecard.base):.0f} base points" in text
    assert "A score of 600 means odds of 50:1 (good to bad); 20 points double" in text


def test_the_promised_direction_of_each_column_is_in_words(page):
    text = words(page)
    assert "A higher total income never gets fewer points than a lower one." in text
    assert "A higher loan to income never gets more points than a lower one." in text
    assert "Property area has no order" in text
    assert "“Meets the guidelines” never gets fewer points than “does not meet the guidelines”." in text


def test_bars_are_in_proportion_and_start_at_zero_points(page, trained):
    longest = max((abs(b.points), b.points) for column in trained.scorecard.columns for b in column.bins)[1]
    bars = re.findall(r'<rect class="bar-(for|against)" x="(.*?)%" y=".*?" width="(.*?)%"', page)
    side, x, width = max(bars, key=lambda bar: float(bar[2]))
    zero = float(re.search(r'class="points-zero" x1="(.*?)%"', page)[1])
    assert side == ("for" if longest > 0 else "against")
    assert (float(x) if longest > 0 else float(x) + float(width)) == pytest.approx(zero, abs=0.02)


def test_a_version_without_points_says_so(officer, active_version):
    ModelVersion.objects.update(recipe="article")
    reply = officer.get(f"/models/{active_version.pk}/scorecard/")
    assert reply.status_code == 200
    assert "No points table." in reply.content.decode()


def test_an_artefact_that_was_changed_is_not_shown(officer, active_version, artefacts):
    model = artefacts / active_version.artefact / "scorecard.json"
    model.write_bytes(model.read_bytes().replace(b'"base": ', b'"base": 9'))
    reply = officer.get(f"/models/{active_version.pk}/scorecard/")
    assert reply.status_code == 503
    assert "its file cannot be trusted" in words(reply.content.decode())


@pytest.mark.parametrize("page", ["scorecard/", "evaluation/", "card/", "card.md"])
@pytest.mark.parametrize("key", ["0", "999", "1" + "0" * 30])
def test_an_unknown_version_is_not_found(officer, active_version, page, key):
    assert officer.get(f"/models/{key}/{page}").status_code == 404
