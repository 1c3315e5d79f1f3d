"""Notifications: what is said, kept under the bell until read, and the toasts that show it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Literal

from PySide6.QtCore import QObject, Signal

from desktop.core.tokens import Token
from engine.protocol.problems import Problem

Severity = Literal["information", "done", "warning", "error"]
LOOKS: dict[Severity, tuple[str, Token]] = {
    "information": ("info", "accent"),
    "done": ("pass-filled", "ok"),
    "warning": ("warning", "warn"),
    "error": ("error", "err"),
}
INFORMATION_MS, UNDO_MS, KEPT = 6_000, 10_000, 100


@dataclass(frozen=True)
class NoticeAction:
    title: str
    run: Callable[[], object]


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One sentence and up to two buttons. `lasts_ms` 0: stays until it is closed."""

    number: int = field(default_factory=count(1).__next__)
    text: str
    severity: Severity = "information"
    actions: tuple[NoticeAction, ...] = ()
    lasts_ms: int = INFORMATION_MS


class Notifications(QObject):
    """Do not say what the person can already see on the page."""

    shown = Signal(object)
    withdrawn = Signal(int)
    changed = Signal()  # the list or what of it is unread

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.notices: list[Notice] = []
        self.unread = 0
        self.quiet = False

    def show(
        self,
        text: str,
        severity: Severity = "information",
        *actions: NoticeAction,
        lasts_ms: int | None = None,
    ) -> Notice:
        usual = 0 if severity == "error" else INFORMATION_MS
        notice = Notice(
            text=text,
            severity=severity,
            actions=actions[:2],
            lasts_ms=usual if lasts_ms is None else lasts_ms,
        )
        self.notices = [*self.notices, notice][-KEPT:]
        self.unread += 1
        self.changed.emit()
        if not self.quiet:
            self.shown.emit(notice)
        return notice

    def undo(self, text: str, undo: Callable[[], object]) -> Notice:
        """After an act that can be taken back."""
        return self.show(text, "information", NoticeAction("Undo", undo), lasts_ms=UNDO_MS)

    def problem(self, problem: Problem, *actions: NoticeAction) -> Notice:
        """What was refused, why, and what to do."""
        text = f"{problem.message} {problem.hint}".strip()
        return self.show(text, "error", *actions)

    def remove(self, number: int) -> None:
        self.notices = [each for each in self.notices if each.number != number]
        self.unread = min(self.unread, len(self.notices))
        self.withdrawn.emit(number)
        self.changed.emit()

    def clear(self) -> None:
        for notice in list(self.notices):
            self.remove(notice.number)

    def mark_read(self) -> None:
        self.unread = 0
        self.changed.emit()
