"""What the words of a heading, and of values, suggest. A suggestion is written down for a person to check."""

import re
from collections.abc import Iterable

from ml.schemas.features import label_of


def words_of(name: str) -> list[str]:
    """Return the words of a heading in lower case.

    Examples
    --------
    >>> words_of("personal_status-andSex"), words_of("AGE_IN_YEARS")
    (['personal', 'status', 'and', 'sex'], ['age', 'in', 'years'])
    """
    return label_of(name).lower().split()


# Words of a heading by what they are about; then parts of words, for headings without separators.
_PROTECTED_WORDS = {
    "sex": {"sex", "gender", "female", "male", "woman", "geschlecht", "sexe", "sexo"},
    "age": {"age", "ages", "aged", "birth", "dob", "yob", "born", "birthday", "birthdate", "alter", "edad"},
    "marital status": {
        "married", "marital", "marriage", "single", "divorced", "widowed", "civil", "familienstand", "famges",
        "spouse", "unmarried",
    },
    "race or origin": {
        "race", "racial", "ethnic", "ethnicity", "origin", "black", "white", "asian", "afam", "african",
        "hispanic", "hispan", "latino", "latina", "minority", "tribe", "caste", "indigenous",
    },
    "nationality": {
        "nationality", "citizen", "citizenship", "foreign", "foreigner", "immigrant", "migrant",
        "immigration",
        "gastarb", "staatsangehoerigkeit",
    },
    "religion": {"religion", "religious", "faith", "creed", "muslim", "christian", "jewish", "hindu"},
    "pregnancy": {"pregnant", "pregnancy", "maternity"},
    "disability": {"disability", "disabled", "handicap", "handicapped"},
    "sexual orientation": {"orientation", "gay", "lesbian"},
}  # fmt: skip
_PROTECTED_PARTS = {
    "gender": "sex", "female": "sex", "birth": "age", "marital": "marital status",
    "married": "marital status", "ethnic": "race or origin", "hispan": "race or origin",
    "nationality": "nationality", "citizen": "nationality", "foreign": "nationality",
    "religio": "religion", "pregnan": "pregnancy", "disab": "disability",
}  # fmt: skip
# The age or origin of one of these is no fact about a person, nor is a single one.
_ALSO_OF_THINGS = {"age", "race or origin", "marital status"}
_OF_THINGS = {
    "loan", "account", "acct", "car", "vehicle", "property", "house", "home", "building", "company",
    "business",
    "firm", "credit", "file", "oldest", "newest", "trade", "tradeline", "collateral", "job", "employment",
    "family", "relationship", "housing", "lead", "application", "channel", "source", "income",
}  # fmt: skip
_PROTECTED_VALUES = {
    "sex": {"male", "female", "man", "woman", "men", "women", "männlich", "weiblich"},
    "marital status": {"married", "divorced", "widowed", "unmarried"},
    "race or origin": {"white", "black", "asian", "hispanic", "african", "caucasian", "latino"},
    "religion": {"christian", "muslim", "jewish", "hindu", "buddhist", "catholic", "protestant"},
}
_ENOUGH = {"race or origin": 2, "religion": 2}  # one of these words alone may be a colour or a school


def protected_by_name(name: str) -> str | None:
    """Return the protected trait that a heading names.

    Examples
    --------
    >>> protected_by_name("personal_status_and_sex"), protected_by_name("age_of_vehicle")
    ('sex', None)
    """
    words = set(words_of(name))
    if {"family", "status"} <= words:
        return "marital status"
    for trait, known in _PROTECTED_WORDS.items():
        if words & known and not (trait in _ALSO_OF_THINGS and words & _OF_THINGS):
            return trait
    joined = "".join(words_of(name))
    parts = (trait for part, trait in _PROTECTED_PARTS.items() if part in joined)
    return "sex" if joined.endswith("sex") else next(parts, None)


def protected_by_values(values: Iterable[str]) -> str | None:
    """Return the protected trait that the values of a category name.

    Examples
    --------
    >>> protected_by_values(["male : single", "female : divorced/separated/married"])
    'sex'
    """
    texts = [value.casefold() for value in values]
    if set(texts) == {"m", "f"}:
        return "sex"
    found = set(re.findall(r"\w+", " ".join(texts)))
    for trait, known in _PROTECTED_VALUES.items():
        if len(found & known) >= _ENOUGH.get(trait, 1):
            return trait
    return None


_PLACES = {"zip", "zipcode", "postcode", "postal", "plz", "neighbourhood", "neighborhood", "tract"}


def is_place(name: str) -> bool:
    """Return True for a small area, which may stand for the race or origin of those who live there."""
    return bool(_PLACES & set(words_of(name)))


_LATER_WORDS = {
    "defaulted", "recovered", "recovery", "recoveries", "chargeoff", "dpd", "collections", "collection",
    "writeoff", "settlement", "foreclosure", "foreclosed", "repossessed", "lgd", "prepaid", "repaid",
    "disbursed", "disbursement",
}  # fmt: skip
_LATER_PHRASES = (
    ("default", "date"), ("charged", "off"), ("charge", "off"), ("written", "off"), ("write", "off"),
    ("days", "past", "due"), ("last", "payment"), ("last", "pymnt"), ("next", "pymnt"), ("next", "payment"),
    ("total", "pymnt"), ("total", "paid"), ("amount", "paid"), ("paid", "amount"), ("total", "rec"),
    ("out", "prncp"), ("closed", "date"), ("date", "closed"), ("decision", "date"), ("denial", "reason"),
    ("rejection", "reason"), ("decline", "reason"), ("loan", "status"), ("days", "late"),
    ("missed", "payments"),
    ("late", "payments"), ("chg", "off"), ("last", "fico"), ("action", "taken"), ("outstanding", "balance"),
)  # fmt: skip
# A planned payment, or how earlier loans went: known when the application is decided.
_KNOWN_BEFORE = {
    "ratio", "income", "monthly", "down", "method", "type", "plan", "frequency", "history", "previous",
    "prior", "bureau", "max", "worst", "ever", "number", "num", "count", "time", "times", "mths", "months",
    "yrs", "years", "within", "since",
}  # fmt: skip


def later_words(name: str) -> str | None:
    """Return the words of a heading that name something known only after the decision.

    Examples
    --------
    >>> later_words("payment_3"), later_words("ChargedOffDate"), later_words("down_payment")
    ('payment', 'charged off', None)
    >>> later_words("NumberOfTimes90DaysLate") is None
    True
    """
    words = words_of(name)
    if _KNOWN_BEFORE & set(words):
        return None
    for phrase in _LATER_PHRASES:
        if any(tuple(words[start : start + len(phrase)]) == phrase for start in range(len(words))):
            return " ".join(phrase)
    if words[:1] in (["payment"], ["payments"]):
        return words[0]
    return next((word for word in words if word in _LATER_WORDS), None)


_ID_WORDS = {
    "id": 5, "identifier": 5, "uid": 5, "uuid": 5, "guid": 5, "key": 4, "number": 3, "no": 3, "nr": 3,
    "num": 3, "ref": 3, "reference": 3,
}  # fmt: skip
_OF_PEOPLE = {
    "phone", "telephone", "mobile", "national", "passport", "ssn", "tax", "social", "personal", "email",
    "name", "surname", "address",
}  # fmt: skip
_ABOUT_APPLICATION = {"loan", "application", "app", "appl", "case", "contract", "account"}


def is_of_person(name: str) -> bool:
    """Return True if a heading names what identifies a person, such as a telephone number."""
    return bool(_OF_PEOPLE & set(words_of(name)))


def id_rank(name: str) -> int:
    """Return how much a heading looks like that of an application's ID, 0 for not at all.

    Examples
    --------
    >>> id_rank("Loan_ID") > id_rank("id") > id_rank("branch_no") > id_rank("income")
    True
    """
    words = words_of(name)
    if is_of_person(name):
        return 0
    ranks = [_ID_WORDS.get(word, 0) for word in words]
    rank = max(ranks, default=0)
    if not rank and name.strip().lower().endswith("id") and _ABOUT_APPLICATION & {name.strip().lower()[:-2]}:
        rank = 5
    return rank * 3 + 10 * bool(_ABOUT_APPLICATION & set(words)) + (words == ["id"]) if rank else 0


_CODE_WORDS = {
    "code", "type", "id", "zip", "zipcode", "postcode", "postal", "plz", "region", "branch", "sector",
    "industry", "naics", "sic", "state", "county", "district", "city", "category", "channel", "product",
    "purpose", "segment", "cluster", "occupation", "dealer", "agent", "officer", "nationality", "country",
    "status", "profession", "gender", "sex",
}  # fmt: skip
_AMOUNT_WORDS = {
    "number", "count", "amount", "rate", "ratio", "balance", "months", "years", "days", "age", "score",
}  # fmt: skip


def is_code(name: str) -> bool:
    """Return True if numbers under this heading are codes, which cannot be put in an order.

    Examples
    --------
    >>> is_code("branch_code"), is_code("number_of_branches"), is_code("chist")
    (True, False, False)
    """
    words = set(words_of(name))
    return bool(words & _CODE_WORDS) and not words & _AMOUNT_WORDS


_ASKED = {"loan", "credit", "requested", "request", "principal", "funded", "financed"}
_AMOUNTS = {"amount", "amnt", "amt", "sum", "principal"}
_OF_OTHERS = {
    "income", "down", "payment", "monthly", "balance", "past", "due", "previous", "prior", "limit", "bureau",
    "savings", "existing", "other", "collateral", "annual", "instalment", "installment", "tax", "debt",
}  # fmt: skip
_TERMS = {"term", "terms", "duration", "tenor", "tenure", "maturity"}
_NO_TERMS = {"employment", "job", "residence", "account", "relationship", "address", "previous", "prior"}


def amount_rank(name: str) -> int:
    """Return how much a heading looks like that of the amount asked for, 0 for not at all.

    Examples
    --------
    >>> [amount_rank(name) for name in ("LoanAmount", "loanamnt", "amount", "down_payment_amount")]
    [2, 2, 1, 0]
    """
    words = set(words_of(name))
    if words & _OF_OTHERS:
        return 0
    joined = "".join(words_of(name))
    if any(joined == asked + amount for asked in _ASKED for amount in _AMOUNTS):
        return 2
    return (1 + bool(words & _ASKED)) * bool(words & _AMOUNTS)


def term_rank(name: str) -> int:
    """Return how much a heading looks like that of the loan's term, 0 for not at all.

    Examples
    --------
    >>> [term_rank(name) for name in ("Loan_Amount_Term", "duration", "employment_duration")]
    [2, 1, 0]
    """
    words = set(words_of(name))
    if words & _NO_TERMS or not (words & _TERMS or "".join(words_of(name)) in ("loanterm", "creditterm")):
        return 0
    return 1 + bool(words & _ASKED)


def is_date(name: str) -> bool:
    """Return True if a heading names a date."""
    return bool({"date", "datetime", "timestamp"} & set(words_of(name)))


GOOD_VALUES = {
    "good", "approved", "approve", "accepted", "accept", "paid", "repaid", "fully paid", "paid off",
    "performing", "granted", "originated", "nondefault", "non default", "no default", "not default", "ok",
    "healthy", "creditworthy", "low risk", "not bad", "no risk",
}  # fmt: skip
BAD_VALUES = {
    "bad", "denied", "deny", "declined", "decline", "rejected", "reject", "refused", "default",
    "defaulted", "in default", "charged off", "charge off", "chargedoff", "delinquent", "late", "unpaid",
    "arrears", "loss", "written off", "not paid", "not approved", "not creditworthy", "high risk", "npl",
    "non performing", "risk", "not good", "overdue",
}  # fmt: skip
# These say whether the heading holds.
TRUE_VALUES = {"yes", "y", "true", "t", "1", "1.0"}
FALSE_VALUES = {"no", "n", "false", "f", "0", "0.0"}
_BAD_PARTS = (
    "default", "deny", "denied", "denial", "delinq", "dlq", "reject", "declin", "refus", "chargedoff",
    "chargeoff",
    "fail", "writeoff", "writtenoff", "arrears", "overdue", "fraud", "bankrupt", "unpaid", "foreclos", "npl",
    "notpaid",
    "notfullypaid", "pastdue",
)  # fmt: skip
_BAD_WORDS = {"bad", "late", "loss", "dpd", "lost", "bads"}
_GOOD_PARTS = (
    "approv", "accept", "repaid", "paid", "good", "grant", "creditworth", "creditab", "originat",
    "performing",
    "nondefault", "nodefault",
)  # fmt: skip


def target_sense(name: str) -> int:
    """Return -1 if the target is called after the bad outcome, 1 if after the good one, 0 if neither.

    Examples
    --------
    >>> target_sense("deny"), target_sense("loan_approved"), target_sense("non_default"), target_sense("y")
    (-1, 1, 1, 0)
    """
    words, joined = words_of(name), "".join(words_of(name))
    if "nondefault" in joined or "nodefault" in joined:
        return 1
    if _BAD_WORDS & set(words) or any(part in joined for part in _BAD_PARTS):
        return -1
    return int(any(part in joined for part in _GOOD_PARTS))
