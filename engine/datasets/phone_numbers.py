"""Telephone numbers in running text, told apart from all the other numbers there."""

import re
from collections.abc import Iterator, Sequence

_SPACE = r"[ \xa0\u202f]"
_GAP = rf"{_SPACE}?+[().\-/\u2010-\u2013]?+{_SPACE}?+[()]?+{_SPACE}?+"
_END = r"(?![\w@]|[-\u2013/.,:]\d)"

# A stretch of digits, long enough for a number, with no more between them than numbers have.
_STRETCH = re.compile(rf"\d(?:{_GAP}\+?\d){{6,}}")

# What is written as telephone numbers are, and as little else is.
_INTERNATIONAL = re.compile(
    rf"(?<![\w+.=])\(?\+\d(?:{_GAP}\d){{6,16}}"
    rf"|(?<![\w+.,/:-])00(?!\d\d{_SPACE}\d{{4}}\b){_SPACE}?[1-9]\d{{0,2}}{_SPACE}"
    rf"\d(?:{_GAP}\d){{5,13}}"
)
_AMERICAN = re.compile(
    rf"(?<![\w+.,/:$#-])(?:1[-. ])?(?:\(\d{{3}}\){_SPACE}?|\d{{3}}([-.]))"
    rf"\d{{3}}(?(1)\1|[-.])\d{{4}}{_END}"
)
_BRACKETED = re.compile(
    rf"(?<![\w+.,/:-])\(0?[1-9]\d{{0,3}}\){_SPACE}?\d{{2,5}}(?:[ \xa0-]\d{{2,5}}){{1,3}}{_END}"
)
# Any number, where the words before say what it is.
_PLAIN = re.compile(rf"(?<![A-Za-z0-9_])\(?\d(?:{_GAP}\d){{7,13}}{_END}")
_ANNOUNCEMENT = re.compile(
    r"(?:\b(?:(?:tele)?(?:phone|fono)|tel|cell(?:phone|ular)?|mobile?|fax|sms|whatsapp|dial"
    r"|call (?:me|us|him|her|them|back)|(?:reach|text|ring) (?:me|us)|my number|handy|rufnummer"
    r"|telef[oó]n[oe]?|t[ée]l[ée]phone|tél|portable|m[óo]vil|celular|cellulare|тел|телефон(?:а|у|ом)?|моб)\b"
    r"|電話|电话|手机|携帯|전화|هاتف|फ़ोन)"
    r"[^\d\n+\]]{0,20}$",
    re.IGNORECASE,
)
_ANNOUNCED_WITHIN = 40  # characters
_DECIMAL = re.compile(r"\+\d+\.\d+")
_DATE = re.compile(r"(?:\d{4}([-/.])\d\d?\1\d\d?|\d\d?([-/.])\d\d?\2(?:\d\d){1,2})\b")
_FICTIONAL = re.compile(r"1?555\d{7}")  # of films and examples; where it stands, others may follow

_HOME = ("US",)
_BRACKETED_REGIONS = ("BR", "UA", "RU", "GB", "DE", "AU", "IN", "ZA", "AR", "MX", "TR")
_REGIONS = (
    "US", "GB", "DE", "FR", "IT", "ES", "PT", "NL", "BE", "CH", "AT", "PL", "CZ", "SE", "NO", "DK",
    "FI", "IE", "UA", "RU", "TR", "GR", "IL", "IN", "PK", "CN", "JP", "KR", "TW", "ID", "PH", "VN",
    "AU", "NZ", "BR", "MX", "AR", "CO", "CL", "ZA", "NG", "KE", "EG", "SA", "AE",
)  # fmt: skip


def digit_stretches(text: str) -> Iterator[tuple[int, int]]:
    """Where seven digits or more stand together; all that is a number lies in one of these."""
    for found in _STRETCH.finditer(text):
        yield max(0, found.start() - 2), found.end() + 2  # with "(+", and what a pattern looks at


def phone_spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where numbers begin and end in a stretch of digits, perhaps overlapping.

    With a country's code, in a form with brackets or hyphens that is rarely anything else, or
    after a word such as "phone"; and only if such a number can exist in that country.
    """
    for found in _INTERNATIONAL.finditer(text, start, end):
        if not _DECIMAL.fullmatch(found[0]):
            yield from _longest(found, ())
    for found in _AMERICAN.finditer(text, start, end):
        if _exists(found[0], _HOME):
            yield found.span()
    for found in _PLAIN.finditer(text, start, end):
        if not _DATE.match(found[0]) and _announced(text, found.start()):
            yield from _longest(found, _REGIONS)
    for found in _BRACKETED.finditer(text, start, end):
        if _exists(found[0], _BRACKETED_REGIONS):
            yield found.span()


def _announced(text: str, at: int) -> bool:
    return _ANNOUNCEMENT.search(text, max(0, at - _ANNOUNCED_WITHIN), at) is not None


def _longest(found: re.Match[str], regions: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The number without what merely follows it, such as a date."""
    number = found[0]
    for end in [len(number), *(gap.start() for gap in reversed([*re.finditer(r"\D+", number)]))]:
        if end > 0 and _exists(number[:end], regions):
            yield found.start(), found.start() + end
            return


def _exists(number: str, regions: Sequence[str]) -> bool:
    """In one of the regions; in that of its own code, if there are none."""
    import phonenumbers

    if not regions:
        number = re.sub(r"^(?:00|\D*\+)", "+", number)
    digits = re.sub(r"\D", "", number)
    if _FICTIONAL.fullmatch(digits) and (number.startswith("+1") or _HOME[0] in regions):
        return True
    for region in regions or (None,):
        try:
            parsed = phonenumbers.parse(number, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(parsed):
            return True
    return False
