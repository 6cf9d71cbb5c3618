"""Pages show and read times in the zone that the browser asks for; programs get the site's."""

from datetime import UTC, datetime

import pytest

from predictions.models import Activation
from predictions.roles import Role
from predictions.words.times import ZONE_COOKIE

TIMELINE = "/models/timeline/"
NOON_IN_TOKYO = "3 Mar 2026, 12:00 JST"


@pytest.fixture
def officer(client_of, active_version):
    Activation.objects.update(at=datetime(2026, 3, 3, 3, tzinfo=UTC))
    return client_of(Role.OFFICER)


def choose(client, zone, **data):
    return client.post("/preferences/", {"zone": zone} | data)


def test_pages_show_times_in_the_chosen_zone(officer):
    assert choose(officer, "Asia/Tokyo").status_code == 303
    page = officer.get(TIMELINE).content.decode()
    assert NOON_IN_TOKYO in page
    assert "Times: Asia/Tokyo" in page


def test_a_moment_is_read_in_the_chosen_zone_which_stands_beside_the_field(officer):
    choose(officer, "Asia/Tokyo")
    page = officer.get(TIMELINE, {"on": "2026-03-03", "at": "11:59"}).content.decode()
    assert "No version was active then" in page
    assert "Time zone: Asia/Tokyo." in page
    assert "was active from" in officer.get(TIMELINE, {"on": "2026-03-03", "at": "12:00"}).content.decode()


@pytest.mark.parametrize("cookie", ["", "Mars/Base", "../../etc/passwd", "Etc/GMT+3", "x" * 4000])
def test_a_cookie_that_names_no_zone_of_the_list_is_ignored(officer, cookie):
    officer.cookies[ZONE_COOKIE] = cookie
    assert "3 Mar 2026, 03:00 UTC" in officer.get(TIMELINE).content.decode()


def test_a_choice_of_one_browser_leaves_the_next_request_alone(officer, client_of):
    choose(officer, "Asia/Tokyo")
    officer.get(TIMELINE)
    assert "03:00 UTC" in client_of(Role.AUDITOR).get(TIMELINE).content.decode()


def test_the_api_does_not_look_at_the_cookie(officer):
    choose(officer, "Asia/Tokyo")
    assert officer.get("/api/v1/models/timeline/").json()["results"][0]["at"] == "2026-03-03T03:00:00Z"


def test_the_choice_leads_back_to_the_page_it_came_from(officer):
    assert choose(officer, "UTC", next="/history/?page=2").headers["Location"] == "/history/?page=2"


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_it_leads_to_no_other_site(officer, address):
    assert choose(officer, "UTC", next=address).headers["Location"] == "/"


def test_a_zone_that_is_not_in_the_list_is_refused_by_name(officer):
    reply = choose(officer, "Mars/Base")
    assert reply.status_code == 422
    assert "Unknown time zone &#x27;Mars/Base&#x27;. Choose one from the list." in reply.content.decode()
    assert ZONE_COOKIE not in reply.cookies


def test_the_list_goes_by_continent_and_shows_the_present_choice(officer):
    choose(officer, "America/Argentina/Buenos_Aires")
    page = officer.get("/preferences/").content.decode()
    assert '<optgroup label="America">' in page
    assert 'value="America/Argentina/Buenos_Aires" selected>Argentina/Buenos Aires</option>' in page
