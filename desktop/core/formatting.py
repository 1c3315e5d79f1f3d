"""Figures as a person reads them: sizes, durations, counts and times."""

from datetime import datetime


def size(count: float) -> str:
    """Bytes in powers of ten: "812 B", "9.8 MB", "1.5 GB"."""
    value = float(count)
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if value < 999.5 or unit == "TB":
            return f"{_short(value) if unit != 'B' else f'{value:.0f}'} {unit}"
        value /= 1000
    raise AssertionError


def count(number: float) -> str:
    """Whole below 10,000, then three figures: "1,842", "194 K", "4.88 M"."""
    if abs(number) < 10_000:
        return f"{number:,.0f}"
    value = float(number)
    for unit in ("", " K", " M", " B", " T"):
        if abs(value) < 999.5 or unit == " T":
            digits = 0 if abs(value) >= 99.95 else 1 if abs(value) >= 9.995 else 2
            return f"{value:.{digits}f}{unit}"
        value /= 1000
    raise AssertionError


def parameters(number: float) -> str:
    """Four figures at most, as models are named: "134.5 M", "4.88 M", "57.6 K"."""
    for unit, scale in ((" B", 1e9), (" M", 1e6), (" K", 1e3)):
        if number >= scale:
            value = number / scale
            return f"{value:.{2 if value < 10 else 1}f}{unit}"
    return f"{number:.0f}"


def duration(seconds: float) -> str:
    """What has passed: "0.4 s", "42 min", "1 h 21 min"."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours >= 48:
        return f"{hours // 24} d {hours % 24} h"
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def remaining(seconds: float) -> str:
    """What is still to come, never in seconds: "28 min", "under a minute"."""
    return "under a minute" if seconds < 60 else duration(seconds)


def clock(at: float) -> str:
    """The time of day: "15:14"."""
    return datetime.fromtimestamp(at).strftime("%H:%M")


def day(at: float, now: float) -> str:
    """ "today", "yesterday", the weekday within a week, else the date."""
    then, today = datetime.fromtimestamp(at).date(), datetime.fromtimestamp(now).date()
    days = (today - then).days
    if days <= 0:
        return "today"
    if days == 1:
        return "yesterday"
    return then.strftime("%A") if days < 7 else then.strftime("%-d %B %Y").lstrip("0")


def moment(at: float, now: float) -> str:
    """ "today, 15:16"."""
    return f"{day(at, now)}, {clock(at)}"


def number(value: float) -> str:
    """A setting's value without needless zeros: "16", "0.05", "2e-4"."""
    if value == 0 or 1e-3 <= abs(value) < 1e6:
        return f"{value:g}"
    mantissa, exponent = f"{value:.3e}".split("e")
    return f"{float(mantissa):g}e{int(exponent)}"


def percent(share: float, digits: int = 0) -> str:
    """A share of one: "65 %"."""
    return f"{share * 100:.{digits}f} %"


def plural(number_of: int, singular: str, plural_form: str = "") -> str:
    """ "1 row", "1,842 rows"."""
    word = singular if number_of == 1 else plural_form or singular + "s"
    return f"{count(number_of)} {word}"


def short_hash(digest: str) -> str:
    """The first eight figures of a hash."""
    return digest[:8]


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 99.95 else f"{value:.1f}"
