"""Loan_IDs such as real callers send: known to the site, new and ascending, or random, in equal shares."""

import itertools
import time

LENGTH = 10
KINDS = ("known", "new", "random")  # in turn
_STRIDE = 7_919  # a prime: known ones are spread over the index, and none is repeated in a call
_ODD = 0x9E3779B97F4A7C15  # multiplied by it, the numbers from 0 on are distinct and unordered


class LoanIds:
    """Loan_IDs of ten characters for a site that `stored_history` has filled."""

    def __init__(self, stored: int, first_new: int | None = None) -> None:
        self._pool = 2 * (stored // 3)  # Loan_IDs of the client
        self._asked = itertools.count()
        self._known = itertools.count()
        start = time.time_ns() // 10**6 % 10**7 * 10 if first_new is None else first_new
        self._numbers = itertools.count(start)

    def take(self, count: int) -> list[str]:
        """Return `count` different Loan_IDs."""
        left = self._pool
        loan_ids = []
        for place in itertools.islice(self._asked, count):
            kind = KINDS[place % len(KINDS)]
            if kind == "known" and left:
                left -= 1
                loan_ids.append(self._known_one())
            else:
                loan_ids.append(self._new_one() if kind == "new" else self._random_one())
        return loan_ids

    def _known_one(self) -> str:
        return known(next(self._known) * _STRIDE % self._pool)

    def _new_one(self) -> str:
        return f"NW{next(self._numbers) % 10**8:08d}"

    def _random_one(self) -> str:
        return f"{next(self._numbers) * _ODD % 2**40:010X}"


def known(place: int) -> str:
    """Return the client's Loan_ID number `place`. Two of three predictions are the client's."""
    return f"LP{place + place // 2 + 2:08d}"


def described() -> str:
    """Return a sentence with the kinds."""
    return f"Loan_IDs: {', '.join(KINDS)}, in equal shares."
