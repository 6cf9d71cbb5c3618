"""Loan_IDs as they come: some that the site knows, some new and ascending, some in no order at all."""

import itertools
import time

LENGTH = 10
SHARES = {"known": 0.4, "new": 0.4, "random": 0.2}
_ORDER = ("known", "new", "known", "new", "random") * 2  # the shares among ten neighbours
_STRIDE = 7_919  # a prime: known ones come from all over the index, and none twice in a call
_ODD = 0x9E3779B97F4A7C15  # times this, numbers from 0 on are all different, and in no order


class LoanIds:
    """Gives Loan_IDs of ten characters to callers of a site that was filled by `stored_history`."""

    def __init__(self, stored: int, first_new: int | None = None) -> None:
        self._pool = 2 * (stored // 3)  # those of the client
        self._asked = itertools.count()
        self._known = itertools.count()
        start = time.time_ns() // 10**6 % 10**7 * 10 if first_new is None else first_new
        self._numbers = itertools.count(start)

    def take(self, count: int) -> list[str]:
        """Return so many, no two of which are alike."""
        left = self._pool
        found = []
        for place in itertools.islice(self._asked, count):
            kind = _ORDER[place % len(_ORDER)]
            if kind == "known" and left:
                left -= 1
                found.append(self._known_one())
            else:
                found.append(self._new_one() if kind == "new" else self._random_one())
        return found

    def _known_one(self) -> str:
        return known(next(self._known) * _STRIDE % self._pool)

    def _new_one(self) -> str:
        return f"NW{next(self._numbers) % 10**8:08d}"

    def _random_one(self) -> str:
        return f"{next(self._numbers) * _ODD % 2**40:010X}"


def known(place: int) -> str:
    """Return the Loan_ID of one of the client's stored predictions: of all but every third."""
    return f"LP{place + place // 2 + 2:08d}"


def described() -> str:
    """Say the shares in words."""
    return "Loan_IDs: " + ", ".join(f"{share:.0%} {kind}" for kind, share in SHARES.items()) + "."
