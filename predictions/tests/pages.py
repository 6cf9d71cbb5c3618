"""Reading pages."""

import re
from html import unescape


def words(page):
    """Return a page's text without tags and double spaces."""
    return " ".join(unescape(re.sub("<[^>]+>", " ", page)).split())


def table_rows(page):
    """Return the cells of every row of every table."""
    rows = re.findall(r"<tr[ >].*?</tr>", page, re.DOTALL)
    return [[words(cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)] for row in rows]
