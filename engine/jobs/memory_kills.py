"""Whether the system ended a process because memory had run out."""

from pathlib import Path

VMSTAT = Path("/proc/vmstat")


def memory_kills() -> int:
    """How many processes Linux has ended for want of memory since it started; 0 elsewhere.

    It counts those of a control group's limit too (proc_vmstat(5), `oom_kill`).
    """
    try:
        lines = VMSTAT.read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), 0)
