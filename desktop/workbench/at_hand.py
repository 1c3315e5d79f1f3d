"""Which kind of record keys like F2 and Delete act on."""

from PySide6.QtWidgets import QApplication

from desktop.workbench.window import Window


def at_hand(window: Window, *, kind: str, activity: str) -> bool:
    """Whether the person is at a record of that kind: in its side bar, or on its page.

    Several features share F2 and Delete; this keeps two of them from being on at once. While the
    palette is open no such key can be pressed, and everything that is selected may be chosen.
    """
    if window.palette_box.isVisible():
        return True
    focus = QApplication.focusWidget()
    if focus is not None and window.side.isAncestorOf(focus):
        return window.activity == activity
    tab = window.editors.active_tab
    return tab is not None and tab.kind == kind
