"""Tells a loss that has left its course from one that is only noisy."""

from collections import deque
from collections.abc import Iterable
from statistics import median

LOOKED_AT = 64  # steps before this one
FEWEST = 16  # of them; before, the course is not known
OUTLIER = 10.0  # modified z-score; Iglewicz and Hoaglin (1993) call 3.5 an outlier
NORMAL = 0.6745  # the median absolute deviation of a normal distribution of variance 1


class Spikes:
    """The losses of the last steps; a spike is `ratio` times the highest of them, 0 has none.

    It is also far outside of their spread, by the modified z-score. Against the highest and not
    the median: uneven losses of small batches, or of rows that are known by heart, are no spikes.
    """

    def __init__(self, ratio: float, losses: Iterable[float] = ()) -> None:
        self._ratio = ratio
        self._losses = deque(losses, maxlen=LOOKED_AT)

    def take(self, loss: float) -> float | None:
        """The usual loss if this one is a spike; otherwise it is one more of the usual ones."""
        if self._spiked(loss):
            return median(self._losses)
        self._losses.append(loss)
        return None

    def _spiked(self, loss: float) -> bool:
        if not self._ratio or len(self._losses) < FEWEST:
            return False
        usual = median(self._losses)
        spread = median(abs(each - usual) for each in self._losses)
        return loss > self._ratio * max(self._losses) and NORMAL * (loss - usual) > OUTLIER * spread
