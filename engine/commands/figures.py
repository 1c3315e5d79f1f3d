"""Numbers as a person reads them."""

import time


def size(size_bytes: float) -> str:
    """Decimal units, as file managers show them: "538 MB"."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if size_bytes < 1000:
            return f"{size_bytes:.0f} {unit}" if size_bytes >= 10 else f"{size_bytes:.2g} {unit}"
        size_bytes /= 1000
    return f"{size_bytes:.1f} TB"


def count(number: int) -> str:
    """Thousands, millions and billions: "135 M"."""
    for limit, unit in ((10**9, " B"), (10**6, " M"), (10**4, "k")):
        if number >= limit:
            return f"{number / (1000 if unit == 'k' else limit):.3g}{unit}"
    return f"{number:,}"


def duration(seconds: float) -> str:
    """At most two units: "1 min 20 s"."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def moment(at: float | None) -> str:
    """Local date and time to the minute; nothing for never."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at)) if at else ""


def loss(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def swap(swap_ms: float) -> str:
    """A change of adapter is often a matter of microseconds."""
    return f"{swap_ms:.1f} ms" if swap_ms >= 0.1 else f"{swap_ms * 1000:.1f} µs"
