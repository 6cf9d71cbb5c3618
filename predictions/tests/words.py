"""What a reader of a page reads."""

import html
import re

from django.http import HttpResponse


def words(reply: HttpResponse) -> str:
    """Return the text of a page, its white space as single spaces."""
    text = re.sub(r"<title>.*?</title>|<[^>]+>", " ", reply.content.decode(), flags=re.DOTALL)
    return " ".join(html.unescape(text).split())
