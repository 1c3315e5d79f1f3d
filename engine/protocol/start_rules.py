"""When a queued training may start, and go on: every condition is one field, declared here."""

from datetime import datetime, timedelta
from typing import Annotated

from msgspec import Meta, Struct

HOURS = r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$"


class StartRule(Struct, frozen=True, forbid_unknown_fields=True):
    """Conditions that all have to hold; without any, a job starts when its turn comes."""

    after: Annotated[
        str,
        Meta(
            max_length=64,
            title="After another job",
            description="Id of a job that has to end first; it may also fail or be cancelled.",
        ),
    ] = ""
    only_idle: Annotated[
        bool,
        Meta(
            title="Only while idle",
            description="Runs while other programs have used less than a third of one processor, "
            "and no key was pressed where that is known, for two minutes; pauses with a "
            "checkpoint when that ends.",
        ),
    ] = False
    only_at_night: Annotated[
        bool,
        Meta(
            title="Only at night",
            description="Runs within the hours of the night; pauses with a checkpoint in the "
            "morning and goes on in the evening.",
        ),
    ] = False
    night_hours: Annotated[
        str,
        Meta(
            pattern=HOURS,
            title="Hours of the night",
            description="From and to, in local time; the same time twice is the whole day.",
        ),
    ] = "22:00-07:00"

    @property
    def empty(self) -> bool:
        return not (self.after or self.only_idle or self.only_at_night)


class Move(Struct, frozen=True, forbid_unknown_fields=True):
    """A new place in the queue."""

    before: Annotated[str, Meta(max_length=64)] = ""  # id of a queued job; empty: the end


def night_ends(rule: StartRule) -> tuple[str, str]:
    """From and to: ("22:00", "07:00")."""
    start, _, end = rule.night_hours.partition("-")
    return start, end


def in_night(rule: StartRule, at: float) -> bool:
    """Whether that moment, in seconds since the epoch, is within the rule's hours."""
    start, end = night_ends(rule)
    now = datetime.fromtimestamp(at).strftime("%H:%M")
    if start < end:
        return start <= now < end
    return now >= start or now < end


def night_begins(rule: StartRule, at: float) -> float:
    """The moment itself when it is within the hours, else when they begin next."""
    return at if in_night(rule, at) else _next(night_ends(rule)[0], at)


def night_is_over(rule: StartRule, at: float) -> float:
    """When the hours that hold `at` end; they never do when they are the whole day."""
    start, end = night_ends(rule)
    return float("inf") if start == end else _next(end, at)


def _next(time: str, at: float) -> float:
    """When a clock on the wall shows that time next, strictly after `at`."""
    now = datetime.fromtimestamp(at)
    hour, minute = time.split(":")
    then = now.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
    if then <= now:
        then += timedelta(days=1)
    return then.timestamp()
