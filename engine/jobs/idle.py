"""Whether the person leaves the machine alone, from readings of what everybody else does."""

from collections import deque
from collections.abc import Callable

from msgspec import Struct

QUIET_FOR_S = 120.0  # so long before the machine counts as idle
BUSY_FOR_S = 15.0  # so long before it counts as used again: no blip pauses a run
QUIET_BELOW = 0.33  # processors that others use on average: a desktop at rest is far below
BUSY_ABOVE = 0.66
LONGEST_GAP_S = 60.0  # nobody looked for so long: nothing is known of the time between


class Activity(Struct, frozen=True):
    """One reading; `used_s` only grows."""

    at_s: float  # on a clock that never jumps
    used_s: float  # processor seconds that other programs have used
    input_idle_s: float | None = None  # since a key or the mouse was used; None: not known here


class IdleWatch:
    """Idle after two quiet minutes, in use after a quarter of a minute of work or one key press.

    The way back is longer and its bar lower than the way out, so that a run that starts cannot be
    paused by what had kept it from starting.
    """

    def __init__(self, read: Callable[[], Activity]) -> None:
        self._read = read
        self._readings: deque[Activity] = deque()
        self.idle = False

    def look(self) -> bool:
        """Take a reading, every few seconds; whether the machine is idle now."""
        now = self._read()
        if self._readings and now.at_s - self._readings[-1].at_s > LONGEST_GAP_S:
            self._begin_anew()
        self._readings.append(now)
        while len(self._readings) > 2 and now.at_s - self._readings[1].at_s >= QUIET_FOR_S:
            self._readings.popleft()
        if not self.idle:
            self.idle = self._quiet(now)
        elif self._in_use(now):
            self._begin_anew()
            self._readings.append(now)
        return self.idle

    def _begin_anew(self) -> None:
        self._readings.clear()
        self.idle = False

    def _quiet(self, now: Activity) -> bool:
        if now.input_idle_s is not None and now.input_idle_s < QUIET_FOR_S:
            return False
        used = self._used(now, QUIET_FOR_S)
        return used is not None and used < QUIET_BELOW

    def _in_use(self, now: Activity) -> bool:
        if now.input_idle_s is not None and now.input_idle_s < BUSY_FOR_S:
            return True
        used = self._used(now, BUSY_FOR_S)
        return used is not None and used > BUSY_ABOVE

    def _used(self, now: Activity, over_s: float) -> float | None:
        """Processors in use on average over that long or a little more; None: not long enough."""
        for then in reversed(self._readings):
            if now.at_s - then.at_s >= over_s:
                return (now.used_s - then.used_s) / (now.at_s - then.at_s)
        return None
