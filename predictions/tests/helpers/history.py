"""The pages of the history, as a person walks through them."""

import html
import re


def ids(reply):
    return [int(pk) for pk in re.findall(r'href="/applications/(\d+)/"', reply.content.decode())]


def walked(client, query, rel="next"):
    """Return the ids of each page from an address on, and the address of the last page."""
    found = []
    while True:
        reply = client.get(f"/history/{query}")
        found.append(ids(reply))
        link = re.search(rf'href="([^"]*)" rel="{rel}"', reply.content.decode())
        if link is None:
            return found, query
        query = html.unescape(link[1])
