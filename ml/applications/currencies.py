"""Currencies beside the numbers of people: signs, words and codes."""

import re
import unicodedata

CODES = frozenset(
    # ISO 4217, without funds and metals.
    """AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD
CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD
HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL
LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR
PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SYP SZL THB TJS TMT TND TOP TRY
TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG""".split()  # noqa: SIM905
)
CODE = re.compile(r"\b[A-Z]{3}\b")
_SMALL_CODES = frozenset(["eur", "usd", "gbp", "inr", "chf", "jpy", "cad", "aud"])
_SIGNS = "".join(sign for sign in map(chr, range(0x20000)) if unicodedata.category(sign) == "Sc")
# A word ends before a digit too: Rs.5849. "/-" is how India ends an amount.
_WORDS = r"(?:rs|kr|s?fr)\.?|k\u010d|z\u0142|euros?|dollars?|rupees?|pounds?"
_CURRENCY = rf"[{re.escape(_SIGNS)}]|(?i:{_WORDS})(?![^\W\d_]|\.)|[A-Za-z]{{3}}(?![^\W\d_])"
_BEFORE = re.compile(rf"([+\-\u2212]?)\s*({_CURRENCY})\s*(?=[0-9.,+\-\u2212])")
_BEHIND = re.compile(rf"(?<=[0-9.,\-\u2013\u2014])\s?(/-|{_CURRENCY})(?=\s|\Z)|(?<=\s)({_CURRENCY})\Z")


def without_currency(text: str) -> tuple[str, set[str]]:
    """Return a text without the currency before or behind its number, and the currencies that it names.

    Examples
    --------
    >>> without_currency("Rs.5,000/-")[0], without_currency("EUR 1500"), without_currency("NOT 5000")
    ('5,000', ('1500', {'EUR'}), ('NOT 5000', set()))
    """
    given: set[str] = set()

    def without(sign: str, currency: str, whole: str) -> str:
        if not _is_currency(currency):
            return whole
        given.add(currency.upper())
        return sign

    if before := _BEFORE.match(text):
        text = without(before[1], before[2], before[0]) + text[before.end() :]
    bare = _BEHIND.sub(lambda match: without(" ", match[1] or match[2], match[0]), text)
    return bare.strip(), given


def _is_currency(text: str) -> bool:
    is_code = len(text) == 3 and text.isalpha() and text.isascii()
    return not is_code or text in CODES or text in _SMALL_CODES
