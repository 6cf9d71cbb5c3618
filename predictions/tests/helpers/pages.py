"""Reading pages."""

import re
from html import unescape


def words(page):
    """Return the text of a page, or of a reply that holds one, without tags and double spaces."""
    text = page if isinstance(page, str) else page.content.decode()
    return " ".join(unescape(re.sub("<title>.*?</title>|<[^>]+>", " ", text, flags=re.DOTALL)).split())


def table_rows(page):
    """Return the cells of every row of every table."""
    rows = re.findall(r"<tr[ >].*?</tr>", page, re.DOTALL)
    return [[words(cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)] for row in rows]


def score_meant(client, form, page="/score/"):
    """Send the form, and send it again as meant if the page shows an application of that ID first."""
    reply = client.post(page, form)
    if reply.status_code != 409:
        return reply
    return client.post(page, form | newest_seen(reply))


def newest_seen(page):
    """Return the hidden field of a form that has shown an application first."""
    return {"newest_seen": re.search(r'name="newest_seen" value="(\d+)"', page.content.decode())[1]}
