"""`python -m desktop [PATH…]`: the window."""

import argparse
import faulthandler
import logging
import signal
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING

from engine.protocol.offline import go_offline

if TYPE_CHECKING:
    from desktop.app import App


def main(arguments: list[str] | None = None) -> int:
    """Open the window, or hand the paths to the one that is open."""
    go_offline()
    parser = argparse.ArgumentParser(prog="python -m desktop", description="Open Adapter Studio.")
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="files to add")
    parser.add_argument(
        "--exit-after-first-paint",
        action="store_true",
        help="write when the window was painted and what was loaded by then, and leave",
    )
    given = parser.parse_args(arguments)
    paths = tuple(path.resolve() for path in given.paths)

    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication, QStyleFactory

    from desktop.core.single_instance import SingleInstance
    from engine.protocol.engine_file import data_folder

    home = data_folder()
    (home / "logs").mkdir(parents=True, exist_ok=True)
    qt = QApplication(sys.argv[:1])
    qt.setApplicationName("adapter-studio")
    qt.setApplicationDisplayName("Adapter Studio")
    qt.setDesktopFileName("adapter-studio")
    instance = SingleInstance(home)
    if not instance.claim() and instance.hand_over(paths):
        return 0
    write_logs(home / "logs")
    qt.setStyle(QStyleFactory.create("Fusion"))

    from desktop.app import App
    from desktop.core.calm_import import EarlyImports

    app = App(home)
    app.install_crash_hook()
    app.start()
    if given.exit_after_first_paint:
        from desktop.first_paint import FirstPaint

        measured = FirstPaint(app.window)
        app.window.show()
        return measured.wait(qt)
    app.window.show()
    instance.opened.connect(lambda later: come_forward(app, later))
    # After the first frame: the engine's answer must not delay it.
    QTimer.singleShot(0, app.store.connect_engine)
    EarlyImports(app.contributions.early, app)
    if paths:
        app.take(paths)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl+C in a terminal ends the window
    status = qt.exec()
    app.store.close()
    app.settings.save()
    instance.release()
    return status


def write_logs(folder: Path) -> None:
    """The window's log, and where a crash of the interpreter leaves its stack."""
    handler = RotatingFileHandler(folder / "desktop.log", maxBytes=1_000_000, backupCount=2)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    faulthandler.enable((folder / "desktop-crash.log").open("w"))


def come_forward(app: "App", paths: tuple[Path, ...]) -> None:
    window = app.window
    window.setWindowState(window.windowState() & ~window.windowState().WindowMinimized)
    window.raise_()
    window.activateWindow()
    if paths:
        app.take(paths)


if __name__ == "__main__":
    sys.exit(main())
