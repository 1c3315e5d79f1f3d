"""The figures that runs are compared by: which line, how it is written."""

from collections.abc import Callable
from dataclasses import dataclass

from desktop.core import formatting
from desktop.features.training.curves import Curves, Line, along
from desktop.features.training.run_words import loss, three_figures


@dataclass(frozen=True, kw_only=True)
class Figure:
    """`rough` is drawn faintly behind `main`; `marked` has markers."""

    title: str
    main: Callable[[Curves], Line]
    word: Callable[[float], str]
    rough: Callable[[Curves], Line] | None = None
    marked: bool = False


FIGURES = (
    Figure(title="Validation loss", main=lambda curves: curves.validation, word=loss, marked=True),
    Figure(title="Training loss", main=lambda curves: curves.smooth, word=loss,
           rough=lambda curves: curves.train),
    Figure(title="Learning rate", main=lambda curves: curves.learning_rate, word=three_figures),
    Figure(title="Gradient norm", main=lambda curves: curves.gradient_norm, word=three_figures),
    Figure(title="Tokens per second", main=lambda curves: curves.speed, word=formatting.count),
    Figure(title="Processor", main=lambda curves: curves.processor, word=formatting.percent),
    Figure(title="Memory", main=lambda curves: curves.memory, word=formatting.size),
    Figure(title="GPU", main=lambda curves: curves.gpu, word=formatting.percent),
    Figure(title="GPU memory", main=lambda curves: curves.gpu_memory, word=formatting.size),
)  # fmt: skip
AXES = ("By step", "By epoch", "By time")


def on_axis(line: Line, curves: Curves, axis: str) -> Line:
    """The line over steps, epochs, or seconds since the run's first step."""
    if axis == "By epoch":
        return along(line, curves.epochs)
    return along(line, curves.times) if axis == "By time" else line


def axis_words(value: float, axis: str) -> str:
    """ "Step 120", "Epoch 1.95", "After 12 min"."""
    if axis == "By epoch":
        return f"Epoch {value:.2f}"
    if axis == "By time":
        return f"After {formatting.duration(value)}"
    return f"Step {value:.0f}"
