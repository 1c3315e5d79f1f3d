"""Signals that outlive a page are connected to its methods.

Qt cuts a bound method off when its object goes; a lambda goes on and meets a deleted object.
"""

import ast
from pathlib import Path

from desktop.core.settings import Settings
from desktop.core.store import Store
from desktop.core.theme import Theme

DESKTOP = Path(__file__).parents[2] / "desktop"
LASTING = {
    name
    for kind in (Store, Settings, Theme)
    for name, value in vars(kind).items()
    if type(value).__name__ == "Signal"
} - {"changed"}
OWNERS = {"theme", "_theme", "settings", "selection"}  # whose `changed` it is


def lambdas(source: str) -> list[int]:
    """Lines that connect a lasting signal, or one from a loop over several, to a lambda."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "connect"
        and node.args
        and isinstance(node.args[0], ast.Lambda)
        and lasts(node.func.value)
    ]


def lasts(signal: ast.expr) -> bool:
    if isinstance(signal, ast.Name):
        return signal.id == "signal"
    if not isinstance(signal, ast.Attribute):
        return False
    owner = signal.value
    named = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
    return signal.attr in LASTING or (signal.attr == "changed" and named in OWNERS)


def test_no_lasting_signal_is_connected_to_a_lambda() -> None:
    found = [
        f"{path.relative_to(DESKTOP)}:{line}"
        for path in DESKTOP.rglob("*.py")
        for line in lambdas(path.read_text("utf-8"))
    ]
    assert found == []


def test_the_rule_sees_what_it_forbids() -> None:
    assert "jobs_changed" in LASTING
    assert lambdas("store.jobs_changed.connect(lambda ids: None)") == [1]
    assert lambdas("self._app.theme.changed.connect(lambda: None)") == [1]
    assert lambdas("for signal in two:\n    signal.connect(lambda: None)") == [2]
    assert lambdas("button.clicked.connect(lambda: None)") == []
