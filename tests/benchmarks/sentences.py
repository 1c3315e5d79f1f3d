"""Rows of some three hundred characters, varied as a dataset is, from one seed."""

import random
import re

from msgspec import Struct

SEED = 0  # taken for no reason
SENTENCES = (3, 5)  # fewest and most of one row
PLANTED = 0.02  # share of rows that are an earlier one with a change

_WORDS = {
    "person": """customer teacher engineer nurse student manager reviewer farmer driver librarian
        neighbour translator chemist pilot tenant landlord baker editor plumber gardener accountant
        visitor colleague supplier lawyer designer mechanic pharmacist captain referee curator
        analyst electrician researcher publisher passenger volunteer contractor inspector""",
    "thing": """invoice report bridge engine letter contract recipe battery window server garden
        ticket parcel schedule password keyboard river valve budget sample telescope printer
        manuscript ladder database pump camera sensor harvest survey timetable warranty circuit
        blanket formula lecture reactor passport museum orchard satellite notebook compass furnace
        harbour tunnel curtain library fountain violin receipt antenna elevator microscope calendar
        turbine helmet kettle magazine pipeline spreadsheet thermostat umbrella vaccine wallet""",
    "quality": """broken careful cheap clean cold complete damaged dry early empty expensive famous
        faulty fresh green heavy hidden large late light local loud modern narrow new noisy old
        ordinary plain quiet rare reliable rusty safe sharp short silent simple slow small smooth
        spare steep strange strong sudden thick tidy tiny uneven unusual urgent useful warm""",
    "deed": """returned repaired ordered painted described measured moved replaced borrowed
        inspected ignored delivered sold cleaned rented photographed registered designed opened
        closed tested copied praised questioned stored updated approved rejected packed weighed
        drew printed lost found bought broke built carried chose compared counted covered""",
    "time": """yesterday today twice again recently overnight eventually quickly slowly quietly
        immediately rarely usually finally together abroad nearby downstairs outside""",
    "place": """Lisbon Toronto Nairobi Osaka Bergen Quito Leeds Turin Malmo Cairo Perth Denver
        Gdansk Porto Lyon Hanoi Dublin Austin Tbilisi Montevideo""",
}
_SHAPES = (
    "The {quality} {thing} that the {person} {deed} in {place} was more {quality} than a {thing}.",
    "Why has the {person} {deed} the {quality} {thing} {time}?",
    "In {place} a {person} {deed} {number} {quality} {thing}s, and the {person} {deed} the rest.",
    "Explain to a {person} how a {quality} {thing} differs from a {quality} {thing}.",
    "The {person} {deed} the {thing} {time}, because the {thing} had become {quality}.",
    "After {number} days the {quality} {thing} was {deed} {time} by the {person} from {place}.",
    "Write about a {person} and a {person} who {deed} a {quality} {thing} near {place}.",
    "If the {thing} is {quality}, the {person} needs a {quality} {thing} before {number} o'clock.",
    "Nobody in {place} knew that the {person} {deed} the {thing} {time}.",
    "My {thing} is {quality}, but the {thing} of the {person} is {quality} and costs {number}.",
)
_LISTS = {kind: words.split() for kind, words in _WORDS.items()}
_GAP = re.compile(r"\{(\w+)\}")


class SampleRow(Struct, frozen=True):
    """`source` is the number of the earlier row that this one was made from, or 0."""

    number: int
    text: str
    source: int


def sample_rows(count: int) -> list[SampleRow]:
    """The same on every run."""
    chance = random.Random(SEED)
    rows: list[SampleRow] = []
    for number in range(1, count + 1):
        if rows and chance.random() < PLANTED:
            source = chance.choice(rows)
            rows.append(SampleRow(number, _changed(source.text, chance), source.number))
        else:
            text = " ".join(_sentence(chance) for _ in range(chance.randint(*SENTENCES)))
            rows.append(SampleRow(number, text, 0))
    return rows


def _sentence(chance: random.Random) -> str:
    def word(gap: re.Match[str]) -> str:
        kind = gap[1]
        return str(chance.randint(2, 900)) if kind == "number" else chance.choice(_LISTS[kind])

    return _GAP.sub(word, chance.choice(_SHAPES))


def _changed(text: str, chance: random.Random) -> str:
    """As people repeat themselves: one or two words, the case, the marks, a sentence more."""
    kind = chance.randrange(4)
    if kind == 0:
        return text.upper()
    if kind == 1:
        return text.replace(",", "").replace(".", "!")
    if kind == 2:
        return f"{text} {_sentence(chance)}"
    words = text.split(" ")
    for _ in range(chance.randint(1, 2)):
        words[chance.randrange(len(words))] = chance.choice(_LISTS["thing"])
    return " ".join(words)
