"""How a worker's processor threads behave beside other programs. Imports no torch."""

import os


def wait_politely() -> None:
    """Let torch's idle threads sleep instead of spin; call it before torch is imported.

    Spinning threads make each other wait for a whole scheduler turn as soon as anything else
    wants a core: with two threads on two busy cores, steps were eight times as long.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
