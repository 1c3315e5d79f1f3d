"""What is done with datasets that are published already."""

from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from engine.protocol.tasks import (
    EditDatasetTask,
    ExamineDatasetTask,
    ExportDatasetTask,
    MixDatasetsTask,
)
from engine.workers.memory_limit import limit_memory

Task = EditDatasetTask | ExamineDatasetTask | ExportDatasetTask | MixDatasetsTask


def work_on(task: Task, report: Callable[[float, str], None]) -> Struct:
    """The record that the task's docstring names."""
    limit_memory()
    match task:
        case EditDatasetTask():
            from engine.datasets.editing import EditPlan, edit_dataset

            edit = EditPlan(task.dataset, task.version, task.wanted, Path(task.target))
            return edit_dataset(edit, lambda share: report(share, "Writing the next version"))
        case ExamineDatasetTask():
            from engine.datasets.examination import examine

            return examine(task.dataset, report)
        case ExportDatasetTask():
            from engine.datasets.exporting import export_rows

            return export_rows(task.dataset, task.wanted, lambda share: report(share, "Writing"))
        case MixDatasetsTask():
            from engine.datasets.mixing import MixPlan, mix_datasets

            mix = MixPlan(task.id, task.version, task.wanted, task.datasets, Path(task.target))
            return mix_datasets(mix, lambda share: report(share, "Mixing"))
