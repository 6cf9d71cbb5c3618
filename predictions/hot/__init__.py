"""The hot path: a call that scores is answered ahead of Django's handler (`docs/hot-path.md`).

It answers `POST /api/v1/predictions/` of a program whose token was looked up a moment ago, with applications
that are all valid. Of any other call it knows nothing: Django answers that, whose view is the contract. So
whatever is in doubt is left to Django, before anything is stored.

`requests` reads a request, `calls` scores and stores, `replies` writes what Django would, `path` joins them.
"""
