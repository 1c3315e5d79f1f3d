"""What other programs and the person do on this machine, as far as it can be read offline."""

import contextlib
import time
from collections.abc import Callable, Iterable

import psutil

from engine.jobs.idle import Activity
from engine.jobs.input_idle import input_idle_s

AT_REST = frozenset({"idle", "iowait", "guest", "guest_nice"})  # guests count as user already


class OthersActivity:
    """Reads what everybody but the workers of our own jobs does; `workers` gives their pids."""

    def __init__(self, workers: Callable[[], Iterable[int]]) -> None:
        self._workers = workers
        self._all_s, self._own_s = all_used_s(), 0.0
        self._others_s = 0.0

    def read(self) -> Activity:
        all_s, own_s = all_used_s(), used_s(self._workers())
        if own_s >= self._own_s:  # else a worker has left with its times: nothing can be told
            self._others_s += max(0.0, all_s - self._all_s - (own_s - self._own_s))
        self._all_s, self._own_s = all_s, own_s
        return Activity(time.monotonic(), self._others_s, input_idle_s())


def all_used_s() -> float:
    """Processor seconds used since the machine started, by all."""
    times = psutil.cpu_times()._asdict()
    return float(sum(spent for name, spent in times.items() if name not in AT_REST))


def used_s(pids: Iterable[int]) -> float:
    """Processor seconds of those processes and all that they have started."""
    total = 0.0
    for pid in pids:
        with contextlib.suppress(psutil.Error):
            leader = psutil.Process(pid)
            for each in (leader, *leader.children(recursive=True)):
                with contextlib.suppress(psutil.Error):
                    times = each.cpu_times()
                    total += times.user + times.system
                    total += times.children_user + times.children_system
    return total
