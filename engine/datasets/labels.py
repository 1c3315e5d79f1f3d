"""Answers that are few, short, and come again and again: the classes of a classification."""

from collections import Counter
from collections.abc import Mapping, Sequence

from engine.datasets.findings import Findings

MOST_LABELS = 20  # different answers that make a classification
FEWEST_ROWS = 10  # for each label, before their balance means anything
UNBALANCED = 10.0  # times the rarest label
LONGEST_LABEL = 80  # characters
LOOKED_AT = 64  # answers that mostly tell that there are too many


def few_labels(answers: Sequence[str]) -> dict[str, int] | None:
    """How often each answer is there; None when they are too many, or too long for labels."""
    if len(set(answers[:LOOKED_AT])) > MOST_LABELS:
        return None
    counts = Counter(map(str.strip, answers))
    if len(counts) > MOST_LABELS or max(map(len, counts)) > LONGEST_LABEL:
        return None
    return dict(counts)


class Labels:
    """How often each answer was given, as long as they are few."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def add(self, labels: Mapping[str, int]) -> bool:
        """Whether they may be labels still."""
        self.counts.update(labels)
        return len(self.counts) <= MOST_LABELS

    def conclude(self, findings: Findings) -> None:
        counts = self.counts
        if len(counts) < 2 or counts.total() < FEWEST_ROWS * len(counts):
            return
        least, few = counts.most_common()[-1]
        for label, many in counts.most_common():
            if many >= UNBALANCED * few:
                findings.add(
                    "imbalance",
                    f"The answer '{_short(label)}' is {many / few:.0f} times as frequent as"
                    f" '{_short(least)}'",
                )


def _short(text: str) -> str:
    return text if len(text) <= 30 else text[:29] + "…"
