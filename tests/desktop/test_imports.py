"""What the window may import, and what it must not have loaded when it first paints."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ALLOWED = {"PySide6", "shiboken6", "msgspec", "desktop", "resources", "pyqtgraph", "pygments"}
LATE = {"pyqtgraph", "pygments"}  # never at import time
FILES = sorted((ROOT / "desktop").rglob("*.py"))


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Every imported module, and whether the import runs when the file is imported."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    top = {id(node) for node in tree.body}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, id(node) in top
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, id(node) in top


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_window_imports_only_what_it_may(path: Path) -> None:
    for module, at_import in imports(path):
        package = module.split(".")[0]
        if package == "engine":
            assert module.startswith("engine.protocol"), module
        else:
            assert package in ALLOWED or package in sys.stdlib_module_names, module
        assert not (package in LATE and at_import), f"{module} belongs inside a function"


SCRIPT = """
import sys, time
from PySide6.QtCore import QEvent, QObject, QTimer

class Painted(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and watched.objectName() == "Window":
            QTimer.singleShot(0, self.report)
            watched.removeEventFilter(self)
        return False
    def report(self):
        import psutil
        took = time.time() - psutil.Process().create_time()
        heavy = [name for name in ("torch", "numpy", "pyqtgraph", "pygments", "sqlite3",
                                   "asyncio", "transformers") if name in sys.modules]
        print("painted", round(took, 3), heavy, flush=True)
        QApplication.quit()

import desktop.__main__ as main
import desktop.app
from PySide6.QtWidgets import QApplication
keep = Painted()
start = desktop.app.App.start
def watched_start(self, features=None):
    start(self, features)
    self.store.connect_engine = lambda: None
    self.window.installEventFilter(keep)
desktop.app.App.start = watched_start
sys.exit(main.main([]))
"""


def test_the_first_paint_comes_fast_and_loads_nothing_heavy(tmp_path: Path) -> None:
    surroundings = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONPATH": str(ROOT),
        "ADAPTER_STUDIO_HOME": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=surroundings, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    word, took, heavy = done.stdout.split(maxsplit=2)
    assert word == "painted"
    assert heavy.strip() == "[]"
    assert float(took) < 5  # the bar of 1 s is the benchmark's; this one only catches a blunder
