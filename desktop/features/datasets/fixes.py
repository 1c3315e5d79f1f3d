"""Putting findings right: at once, as a new version, with a way back."""

from collections.abc import Sequence

from desktop.features.datasets.version_changes import VersionChanges
from engine.protocol.dataset_specs import EditDataset
from engine.protocol.records import Dataset


class Fixes:
    """Whole sorts of findings; the toast says what was done."""

    def __init__(self, changes: VersionChanges) -> None:
        self.changes = changes

    def fix(self, dataset: Dataset, codes: Sequence[str]) -> None:
        self.changes.edit(dataset, EditDataset(dataset.version, fixes=tuple(codes)))

    def ignore(self, dataset: Dataset, code: str) -> None:
        """The sort is not said any more."""
        self.changes.edit(dataset, EditDataset(dataset.version, ignore=(code,)))

    def remove_longer(self, dataset: Dataset, base: str, limit: int) -> None:
        wanted = EditDataset(dataset.version, longer_than=limit, base=base)
        self.changes.edit(dataset, wanted)
