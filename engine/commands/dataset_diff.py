"""Two versions of a dataset side by side, as lines with - and +."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from rich.console import Console
from rich.text import Text

from engine.commands.dataset_rows import excerpt
from engine.commands.output import console, visible
from engine.protocol.records import DatasetDiff, Row

WORD = re.compile(r"\w+|\s+|[^\w\s]")
MOST_WORDS = 4000  # of both texts together; longer ones are compared as a whole
OLD, NEW, HEAD = "red", "green", "bold"
OLD_WORD, NEW_WORD = "bold red reverse", "bold green reverse"
OLD_MARKS, NEW_MARKS = ("[-", "-]"), ("{+", "+}")  # git's, around words where there is no colour


def print_diff(diff: DatasetDiff, name: str, *, stat: bool) -> None:
    """Settings, counts, then the rows: removed, added, changed word by word, moved."""
    screen = console()
    marks = not screen.is_terminal
    _print(screen, Text(visible(f"{name}: version {diff.before} to {diff.after}"), HEAD))
    for what, was, now in diff.settings:
        _print(screen, Text(visible(f"{what}: {was or 'none'} to {now or 'none'}")))
    _print(screen, Text(_counts(diff)))
    if stat:
        return
    for line in _rows(diff, marks=marks):
        _print(screen, line)


def _print(screen: Console, line: Text) -> None:
    screen.print(line, soft_wrap=True)


def _counts(diff: DatasetDiff) -> str:
    """As in "0 rows added, 14 removed, 2 changed, 0 moved to another side"."""
    return (
        f"{diff.added_count:,} rows added, {diff.removed_count:,} removed,"
        f" {diff.changed_count:,} changed, {diff.moved_count:,} moved to another side"
    )


def _rows(diff: DatasetDiff, *, marks: bool) -> Iterator[Text]:
    for row in diff.removed:
        yield from _whole(row, "-", OLD)
    yield from _more(diff.removed_count, diff.removed, "removed")
    for row in diff.added:
        yield from _whole(row, "+", NEW)
    yield from _more(diff.added_count, diff.added, "added")
    for was, now in diff.changed:
        yield from _changed(was, now, marks=marks)
    yield from _more(diff.changed_count, diff.changed, "changed")
    if diff.moved:
        yield Text()
    for was, now in diff.moved:
        yield Text(visible(f"Row {now.number}: {was.split} to {now.split}  {excerpt(now)}"))
    yield from _more(diff.moved_count, diff.moved, "moved")


def _more(count: int, shown: Sequence[object], what: str) -> Iterator[Text]:
    if count > len(shown):
        yield Text(f"and {count - len(shown):,} more {what}", "dim")


def _whole(row: Row, sign: str, style: str) -> Iterator[Text]:
    yield Text()
    yield Text(f"Row {row.number}, {row.split}", HEAD)
    for role, text in fields_of(row).items():
        yield from _signed(Text(f"{role}: {visible(text)}", style), sign, style)


def _changed(was: Row, now: Row, *, marks: bool) -> Iterator[Text]:
    yield Text()
    number = (
        f"Row {was.number}" if was.number == now.number else f"Row {was.number} to {now.number}"
    )
    side = was.split if was.split == now.split else f"{was.split} to {now.split}"
    yield Text(f"{number}, {side}", HEAD)
    old, new = (row.cells for row in (was, now))
    if old == new:  # the same record, read in another way
        old, new = fields_of(was), fields_of(now)
    for name in dict.fromkeys((*old, *new)):
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        minus, plus = word_diff(before or "", after or "", marks=marks)
        if before is not None:
            yield from _signed(Text(visible(f"{name}: "), OLD) + minus, "-", OLD)
        if after is not None:
            yield from _signed(Text(visible(f"{name}: "), NEW) + plus, "+", NEW)


def _signed(text: Text, sign: str, style: str) -> Iterator[Text]:
    """Every line of it behind the sign."""
    for line in text.split("\n", allow_blank=True):
        yield Text(f"{sign} ", style) + line


def fields_of(row: Row) -> dict[str, str]:
    """Its messages by their role; a role that speaks again is numbered."""
    fields: dict[str, str] = {}
    named = [*row.messages, *((f"rejected {role}", text) for role, text in row.rejected)]
    for role, text in named:
        turn = sum(key == role or key.startswith(f"{role} (") for key in fields)
        fields[f"{role} ({turn + 1})" if turn else role] = text
    return fields


def word_diff(before: str, after: str, *, marks: bool) -> tuple[Text, Text]:
    """Both texts, the words in which they differ set off by their style, or by marks too."""
    old, new = WORD.findall(before), WORD.findall(after)
    if len(old) + len(new) > MOST_WORDS or not old or not new:
        return Text(visible(before), OLD), Text(visible(after), NEW)
    minus, plus = Text(style=OLD), Text(style=NEW)
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        _append(minus, "".join(old[a:b]), kind, OLD_WORD, OLD_MARKS if marks else ("", ""))
        _append(plus, "".join(new[c:d]), kind, NEW_WORD, NEW_MARKS if marks else ("", ""))
    return minus, plus


def _append(text: Text, words: str, kind: str, style: str, around: tuple[str, str]) -> None:
    if not words:
        return
    if kind == "equal":
        text.append(visible(words))
    else:
        text.append(f"{around[0]}{visible(words)}{around[1]}", style)
