"""Hints that a text holds personal data, which a model would learn by heart."""

import re
from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from engine.datasets.phone_numbers import digit_stretches, phone_spans

Kind = Literal["email", "iban", "card", "phone"]

_EMAIL = re.compile(
    r"(?<![\w.+%/-])[\w.+%-]{1,64}@(?:\w(?:[\w-]{0,61}\w)?\.){1,8}[^\W\d_]{2,24}(?![\w@]|-\w|:\S*/)"
)
_LOGIN_IN_ADDRESS = re.compile(r"://[^\s/?#]*$")
_ASSET = re.compile(r"@\dx\.[a-z]+$")  # icon@2x.png
# What must not stand before comes last, so that the search runs from capital to capital.
_IBAN = re.compile(
    r"[A-Z]{2}\d{2}(?<![\w-]....)(?:[ \xa0-]?[A-Z0-9]{4}){2,7}(?:[ \xa0-]?[A-Z0-9]{1,4})?+"
    r"(?![a-z0-9])"
)
_CARD = re.compile(
    r"(?<![\w.+/#-])(?<!\d )"
    r"(?:\d{13,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{4}(?:\1\d{1,3})?|\d{4}([ -])\d{6}\2\d{4,5})"
    r"(?![\w/-]|\.\d| \d{4})"
)
# First digits and lengths: ISO/IEC 7812 numbers as the schemes publish them.
_ISSUED = re.compile(
    r"4\d{12}(?:\d{3}){0,2}"  # Visa
    r"|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}"  # Mastercard
    r"|3[47]\d{13}"  # American Express
    r"|3(?:0[0-5]|[689]\d)\d{11}"  # Diners Club
    r"|(?:6011|64[4-9]\d|65\d\d|62\d\d|35(?:2[89]|[3-8]\d))\d{12,15}"  # Discover, UnionPay, JCB
    r"|(?:5018|5020|5038|5893|6304|6759|676[1-3])\d{8,15}"  # Maestro
    r"|220[0-4]\d{12}"  # Mir
)


class PersonalSpan(Struct, frozen=True):
    """`text[start:end]` looks like this kind of personal data."""

    kind: Kind
    start: int
    end: int


def personal_data(text: str) -> list[PersonalSpan]:
    """E-mail addresses, and numbers of accounts (IBAN), cards and telephones; in order, apart.

    Check digits, lengths and prefixes must be right. It prefers to miss a number over a false
    alarm: bare digits are no telephone number unless the words before say so.
    """
    spans = []
    taken = bytearray(len(text))
    for span in _all_spans(text):
        if 1 not in taken[span.start : span.end]:
            taken[span.start : span.end] = b"\1" * (span.end - span.start)
            spans.append(span)
    return sorted(spans, key=lambda span: span.start)


def masked(text: str) -> str:
    """The text with `[email]`, `[phone]`, `[card]` or `[iban]` in the place of each."""
    parts, at = [], 0
    for span in personal_data(text):
        parts += [text[at : span.start], f"[{span.kind}]"]
        at = span.end
    return "".join(parts) + text[at:]


def _all_spans(text: str) -> Iterator[PersonalSpan]:
    """The surest first; a quick look keeps the careful patterns off nearly all texts."""
    if "@" in text:
        yield from _emails(text)
    yield from _ibans(text)
    for start, end in digit_stretches(text):
        yield from _cards(text, start, end)
        yield from (PersonalSpan("phone", *span) for span in phone_spans(text, start, end))


def _emails(text: str) -> Iterator[PersonalSpan]:
    for found in _EMAIL.finditer(text):
        name = found[0].partition("@")[0]
        before = text[max(0, found.start() - 100) : found.start()]
        dotted = name.startswith(".") or name.endswith(".") or ".." in name
        if not (dotted or _ASSET.search(found[0]) or _LOGIN_IN_ADDRESS.search(before)):
            yield PersonalSpan("email", *found.span())


def _ibans(text: str) -> Iterator[PersonalSpan]:
    from stdnum import iban

    for found in _IBAN.finditer(text):
        number = found[0]
        ends = [
            len(number),
            *(gap.start() for gap in reversed([*re.finditer(r"[ \xa0-]", number)])),
        ]
        for end in ends:
            if end >= 15 and iban.is_valid(number[:end].replace("\xa0", " ")):
                yield PersonalSpan("iban", found.start(), found.start() + end)
                break


def _cards(text: str, start: int, end: int) -> Iterator[PersonalSpan]:
    from stdnum import luhn

    for found in _CARD.finditer(text, start, end):
        digits = re.sub(r"\D", "", found[0])
        if _ISSUED.fullmatch(digits) and len(set(digits)) > 1 and luhn.is_valid(digits):
            yield PersonalSpan("card", *found.span())
