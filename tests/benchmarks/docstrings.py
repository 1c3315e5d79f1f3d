"""Training data that every machine has: functions of the standard library and their docstrings."""

import ast
import random
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from engine.protocol.records import Row

SEED = 0  # taken for no reason: the sample is not chosen by what it gives


def docstring_rows(count: int) -> list[Row]:
    """A random sample of all documented functions, in random order as a Trainer takes its rows.

    The same on every run of the same Python. Padded to the longest of eight, such samples grow
    to 2.0 to 2.6 times their tokens (5th and 95th of a hundred), 2.25 times in the middle.
    """
    folder = Path(sysconfig.get_paths()["stdlib"])
    found = [pair for path in sorted(folder.glob("*.py")) for pair in _functions(path)]
    drawn = random.Random(SEED).sample(found, count)
    return [
        Row(number, number, "train", (("user", source), ("assistant", docstring)))
        for number, (source, docstring) in enumerate(drawn, 1)
    ]


def _functions(path: Path) -> Iterator[tuple[str, str]]:
    source = path.read_text("utf-8")
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.FunctionDef):
            continue
        docstring = ast.get_docstring(node)
        if not docstring or len(node.body) < 2:
            continue
        first = node.body[0]
        kept = lines[node.lineno - 1 : first.lineno - 1] + lines[first.end_lineno : node.end_lineno]
        yield "\n".join(kept), docstring
