"""Which rows of a published dataset a person looks at, and in which order."""

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence

from engine.datasets.row_file import RowFile
from engine.datasets.side_codes import CODES
from engine.protocol.dataset_specs import RowQuery

TOKENS, NUMBER = "tokens", "#"
MADE = {  # columns that are made of lists: the role that they show, and which turn of it
    "user": ("user", 0),
    "prompt": ("user", -1),
    "assistant": ("assistant", -1),
    "chosen": ("assistant", -1),
    "rejected": ("assistant", -1),
    "only read": ("masked", 0),
    "learned": ("text", 0),
}
MOST_LABELS, LONGEST_LABEL = 50, 200  # different answers, and characters


def select(rows: RowFile, wanted: RowQuery, lengths: Sequence[int]) -> "array[int] | range":
    """Places, from 0, of the rows that a query wants.

    `lengths`: tokens of every row; empty while they are not counted, and then no row is told by
    its length.
    """
    places: Iterable[int] = rows.matching(wanted.query) if wanted.query else range(len(rows))
    if wanted.finding:
        found = {number - 1 for number in rows.found().get(wanted.finding, ())}
        places = (place for place in places if place in found)
    if wanted.split:
        side = CODES[wanted.split]
        places = (place for place in places if rows.sides[place] == side)
    if lengths and (wanted.shortest or wanted.longest):
        most = wanted.longest or max(lengths)
        places = (place for place in places if wanted.shortest <= lengths[place] <= most)
    if wanted.answer is not None:
        places = (p for p in places if rows.at(p).messages[-1][1].strip() == wanted.answer)
    if wanted.sort and not (wanted.sort == NUMBER and not wanted.descending):
        return array("I", _sorted(rows, places, wanted, lengths))
    return places if isinstance(places, range) else array("I", places)


def _sorted(
    rows: RowFile, places: Iterable[int], wanted: RowQuery, lengths: Sequence[int]
) -> list[int]:
    """Numbers as numbers, text as text whatever its case; equal ones stay as they are."""
    many = [*places]
    if wanted.sort == NUMBER:
        return many[::-1] if wanted.descending else many
    if wanted.sort == TOKENS:
        if lengths:
            many.sort(key=lengths.__getitem__, reverse=wanted.descending)
        return many
    text_of = _turn if wanted.sort in MADE and _holds_lists(rows) else _cell
    keys = {place: _key(text_of(rows, place, wanted.sort)) for place in many}
    many.sort(key=keys.__getitem__, reverse=wanted.descending)
    return many


def _cell(rows: RowFile, place: int, column: str) -> str:
    return rows.cells(place).get(column, "")


def _turn(rows: RowFile, place: int, column: str) -> str:
    """What a column that is made of a conversation shows of it: one turn of a role."""
    row, (role, which) = rows.at(place), MADE[column]
    turns = row.rejected if column == "rejected" else row.messages
    texts = [text for each, text in turns if each == role]
    return texts[which] if texts else ""


def _holds_lists(rows: RowFile) -> bool:
    return rows.reading.mapping.convention in ("messages", "preference", "segments")


def _key(text: str) -> tuple[bool, float, str]:
    try:
        return False, float(text), ""
    except ValueError:
        return True, 0.0, text.casefold()


def label_counts(rows: RowFile) -> dict[str, int]:
    """How often each last answer is there, the most frequent first; empty where they are many."""
    counts: Counter[str] = Counter()
    for row in rows:
        answer = row.messages[-1][1].strip()
        counts[answer] += 1
        if len(counts) > MOST_LABELS or len(answer) > LONGEST_LABEL:
            return {}
    return dict(counts.most_common())
