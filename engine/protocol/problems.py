"""What crosses a border when something cannot be done."""

from msgspec import Struct


class Problem(Struct, frozen=True):
    """What happened, why, and what to do, fit to show to a person."""

    code: str  # stable and searchable: "models.pickle-weights"
    message: str  # one sentence: what happened and why
    hint: str = ""  # one sentence: what to do
    needs_bytes: int = 0  # that must be free on the disk before it can go on


class Refused(Exception):
    """A request that was understood and cannot be granted; anything else raised is a bug."""

    def __init__(
        self, code: str, message: str, hint: str = "", *, status: int = 422, needs_bytes: int = 0
    ) -> None:
        super().__init__(message)
        self.problem = Problem(code, message, hint, needs_bytes)
        self.status = status

    @classmethod
    def from_problem(cls, problem: Problem, *, status: int = 422) -> "Refused":
        refused = cls(problem.code, problem.message, problem.hint, status=status)
        refused.problem = problem
        return refused


def not_found(kind: str, name: str) -> Refused:
    """The usual 404: `kind` is a glossary word in lower case."""
    return Refused(
        f"{kind.replace(' ', '-')}.unknown",
        f"There is no {kind} '{name}'.",
        "It may have been removed; look at the list again.",
        status=404,
    )


WENT_WRONG = Problem(
    "bug",
    "Something went wrong in Adapter Studio.",
    "Copy the details from Output and report them.",
)
