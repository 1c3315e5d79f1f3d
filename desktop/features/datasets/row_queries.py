"""What is asked of a dataset's rows: which of them, and in which order."""

from urllib.parse import quote

from msgspec.structs import replace

from engine.protocol.dataset_specs import RowQuery

EVERYTHING = RowQuery()


def query_string(wanted: RowQuery) -> str:
    """ "query=may&split=train": the text always, the other fields where they ask for something."""
    parts = [f"query={quote(wanted.query, safe='')}"]
    for name in wanted.__struct_fields__:
        value = getattr(wanted, name)
        if name != "query" and value != getattr(EVERYTHING, name):
            text = str(value).lower() if isinstance(value, bool) else str(value)
            parts.append(f"{name}={quote(text, safe='')}")
    return "&".join(parts)


def narrows(wanted: RowQuery) -> bool:
    """Whether rows are left out; an order alone leaves out none."""
    return unsorted(wanted) != EVERYTHING


def unsorted(wanted: RowQuery) -> RowQuery:
    """The same rows in the file's order."""
    return replace(wanted, sort="", descending=False)


def unfiltered(wanted: RowQuery) -> RowQuery:
    """All rows in the same order."""
    return RowQuery(sort=wanted.sort, descending=wanted.descending)


def sorted_next(wanted: RowQuery, column: str) -> RowQuery:
    """What one more click on a column's name asks for: up, down, then the file's order."""
    if wanted.sort != column:
        return replace(wanted, sort=column, descending=False)
    return unsorted(wanted) if wanted.descending else replace(wanted, descending=True)


def within(wanted: RowQuery, first: int, last: int) -> RowQuery:
    """Rows of so many tokens, both ends included; asked for again, rows of any length."""
    same = (wanted.shortest, wanted.longest) == (first, last)
    return replace(wanted, shortest=0 if same else first, longest=0 if same else last)


def with_answer(wanted: RowQuery, answer: str) -> RowQuery:
    """Rows with that answer; asked for again, rows with any."""
    return replace(wanted, answer=None if wanted.answer == answer else answer)
