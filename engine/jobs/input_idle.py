"""Seconds since the person last touched a key or the mouse; None where the system does not tell.

Windows and macOS tell it of the whole session. Elsewhere it is known of terminals only: no one
way serves all graphical sessions, so there the processor has to speak for the person.
"""

import sys

if sys.platform == "win32":
    import ctypes

    class _LastInput(ctypes.Structure):
        _fields_ = [("size", ctypes.c_uint), ("tick", ctypes.c_uint)]

    def input_idle_s() -> float | None:
        """By GetLastInputInfo, in milliseconds of a counter that wraps."""
        last = _LastInput(ctypes.sizeof(_LastInput), 0)
        if not ctypes.windll.user32.GetLastInputInfo(ctypes.byref(last)):
            return None
        return ((ctypes.windll.kernel32.GetTickCount() - last.tick) & 0xFFFFFFFF) / 1000

elif sys.platform == "darwin":
    import ctypes
    import ctypes.util

    COMBINED_SESSION, ANY_INPUT = 0, 0xFFFFFFFF

    def input_idle_s() -> float | None:
        """By CGEventSourceSecondsSinceLastEventType."""
        path = ctypes.util.find_library("CoreGraphics")
        if path is None:
            return None
        since = ctypes.cdll.LoadLibrary(path).CGEventSourceSecondsSinceLastEventType
        since.restype, since.argtypes = ctypes.c_double, (ctypes.c_int32, ctypes.c_uint32)
        return float(since(COMBINED_SESSION, ANY_INPUT))

else:
    import contextlib
    import time
    from pathlib import Path

    TERMINALS = Path("/dev/pts")

    def input_idle_s() -> float | None:
        """By the terminals' access times, as `w` has it: they change when something is typed."""
        typed = []
        for terminal in TERMINALS.glob("[0-9]*"):
            with contextlib.suppress(OSError):
                typed.append(terminal.stat().st_atime)
        return max(0.0, time.time() - max(typed)) if typed else None
