"""What each part of the engine may import, and where a broad `except` may stand."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "engine").rglob("*.py"))
HEAVY = {"torch", "transformers", "peft", "accelerate", "onnxruntime", "onnx", "olive", "gguf"}
# The request handler, the worker's main and the Qt event hook; elsewhere a bug must be heard.
BROAD = {"engine/workers/channel.py"}
DANGEROUS = {"eval", "exec", "compile", "__import__"}
NEVER = {"pickle", "marshal", "shelve", "dill"}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_only_workers_import_torch_and_nobody_imports_the_window(path: Path) -> None:
    found = set(imported(path))
    assert not found & {"PySide6", "shiboken6", "desktop"}
    assert not found & NEVER
    if "workers" not in path.parts:
        assert not found & HEAVY


@pytest.mark.parametrize("path", [*FILES, *sorted((ROOT / "desktop").rglob("*.py"))], ids=name_of)
def test_no_code_runs_from_data_and_bugs_are_heard(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            called = node.func.id if isinstance(node.func, ast.Name) else ""
            assert called not in DANGEROUS
            keywords = {word.arg: word.value for word in node.keywords if word.arg}
            for risk in ("shell", "trust_remote_code"):
                value = keywords.get(risk)
                assert not (isinstance(value, ast.Constant) and value.value is True), risk
        if isinstance(node, ast.ExceptHandler) and name_of(path) not in BROAD:
            caught = node.type.id if isinstance(node.type, ast.Name) else ""
            assert caught != "Exception", f"line {node.lineno}"
            assert node.type is not None, f"line {node.lineno}"


def test_a_started_engine_has_loaded_nothing_heavy() -> None:
    script = "import sys, engine.server.serve; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {name.split(".")[0] for name in loaded} & {*HEAVY, "PySide6", "desktop"}
    assert not [name for name in loaded if name.startswith("engine.workers")]


def test_the_command_line_answers_for_help_without_the_engine_behind_it() -> None:
    script = "import sys, engine.cli; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not set(loaded) & {"starlette", "sqlite3", "uvicorn", "numpy", "torch", "PySide6"}
