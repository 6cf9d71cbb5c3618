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
