"""Training data that every machine has: functions of the standard library and their docstrings."""

import ast
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from engine.protocol.records import Row

MODULES = (
    "bisect calendar cmd codeop configparser copy csv difflib fileinput fnmatch functools glob"
    " heapq inspect ipaddress linecache locale mimetypes ntpath pickletools posixpath pprint"
    " random shlex shutil statistics string tempfile textwrap timeit tokenize traceback weakref"
)


def docstring_rows(count: int) -> list[Row]:
    """Rows spread evenly over all functions found; the same on every run of the same Python."""
    found = [pair for module in MODULES.split() for pair in _functions(module)]
    stride = len(found) // count
    return [
        Row(number, number, "train", (("user", source), ("assistant", docstring)))
        for number, (source, docstring) in enumerate(found[::stride][:count], 1)
    ]


def _functions(module: str) -> Iterator[tuple[str, str]]:
    path = Path(sysconfig.get_paths()["stdlib"]) / f"{module}.py"
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
