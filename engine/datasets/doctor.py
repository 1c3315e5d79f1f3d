"""What is wrong with the rows themselves, seen in the one pass in which they are read."""

from collections import Counter
from itertools import pairwise

from engine.datasets.conversation import Turns
from engine.datasets.findings import Findings
from engine.datasets.split import Digests

MARKS = ("<|im_start|>", "<|im_end|>", "[INST]", "[/INST]", "<|eot_id|>", "<|user|>",
         "<|assistant|>", "<start_of_turn>", "### Instruction:", "### Response:")  # fmt: skip
SPEAKERS = ("user", "assistant", "tool")
MOST_LABELS = 20  # different answers that make a classification
FEWEST_ROWS = 10  # for each label, before their balance means anything
UNBALANCED = 10.0  # times the rarest label
LONGEST_LABEL = 80  # characters


class Doctor:
    """Told of every usable row in turn; what it finds goes to `findings`."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._rows: dict[bytes, tuple[int, str]] = {}  # conversation to the first row with it
        self._prompts: dict[bytes, tuple[int, str]] = {}  # what is asked to the first such row
        self._labels: Counter[str] | None = Counter()  # None once there are too many

    def examine(
        self, turns: Turns, digests: Digests, *, line: int, number: int, split: str
    ) -> None:
        if not self._repeats(digests.row, line, number, split):
            self._asked_before(digests.prompt, line, number, split)
        self._count_label(turns)
        self._look_for_marks(turns, line, number)
        self._look_at_roles(turns, line, number)

    def conclude(self) -> None:
        """What only all rows together show."""
        labels = self._labels
        if labels is None or len(labels) < 2 or labels.total() < FEWEST_ROWS * len(labels):
            return
        (most, many), (least, few) = labels.most_common()[0], labels.most_common()[-1]
        if many >= UNBALANCED * few:
            self._findings.warning(
                f"The answer '{_short(most)}' is {many / few:.0f} times as frequent as"
                f" '{_short(least)}'",
                code="imbalance",
            )

    def prompts(self) -> list[bytes]:
        """The digests of all that is asked outside the test rows, each once."""
        return [digest for digest, (_, split) in self._prompts.items() if split != "test"]

    def _repeats(self, digest: bytes, line: int, number: int, split: str) -> bool:
        first, side = self._rows.setdefault(digest, (number, split))
        if first == number:
            return False
        if side == split:
            self._findings.warning(f"Repeats row {first}", line, number, code="duplicate")
        else:
            across = f"Repeats row {first}, which is on the other side of the split"
            self._findings.warning(across, line, number, code="leak")
        return True

    def _asked_before(self, digest: bytes, line: int, number: int, split: str) -> None:
        first, side = self._prompts.setdefault(digest, (number, split))
        if first == number:
            return
        if side == split:
            asked = f"Asks what row {first} asks, with another answer"
            self._findings.warning(asked, line, number, code="conflict")
        else:
            asked = f"Asks what row {first} asks, which is on the other side of the split"
            self._findings.warning(asked, line, number, code="leak")

    def _count_label(self, turns: Turns) -> None:
        if self._labels is None:
            return
        role, answer = turns[-1]
        if role != "assistant" or len(answer) > LONGEST_LABEL:
            self._labels = None
            return
        self._labels[answer.strip()] += 1
        if len(self._labels) > MOST_LABELS:
            self._labels = None

    def _look_for_marks(self, turns: Turns, line: int, number: int) -> None:
        mark = next((mark for _, text in turns for mark in MARKS if mark in text), "")
        if mark:
            self._findings.warning(
                f"Holds '{mark}', which belongs to a chat template", line, number, code="template"
            )

    def _look_at_roles(self, turns: Turns, line: int, number: int) -> None:
        roles = [role for role, _ in turns if role in SPEAKERS]
        if not roles:
            return
        if roles[0] == "assistant":
            self._findings.warning(
                "The assistant speaks first, which some templates refuse", line, number,
                code="roles",
            )  # fmt: skip
        elif any(one == other != "tool" for one, other in pairwise(roles)):
            self._findings.warning(
                "One side speaks twice in a row, which some templates refuse", line, number,
                code="roles",
            )  # fmt: skip


def _short(text: str) -> str:
    return text if len(text) <= 30 else text[:29] + "…"
