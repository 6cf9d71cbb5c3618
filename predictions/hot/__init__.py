"""The hot path: a call that scores is answered ahead of Django's handler (`docs/hot-path.md`).

It answers `POST /api/v1/predictions/` of a program whose token was looked up a moment ago, with applications
that are all valid. Of any other call it knows nothing: Django answers that, whose view is the contract. So
whatever is in doubt is left to Django, before anything is stored.

`requests` reads a request of WSGI and `raw_requests` one of a socket, `calls` scores, `passage` is what every
call passes, `path` joins them.
"""


class RestIsMissing(Exception):
    """The bytes of a socket may be the beginning of a call whose rest has yet to come."""
