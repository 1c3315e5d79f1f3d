"""The datasets whose rows are being looked at."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence

from engine.datasets.row_file import RowFile
from engine.datasets.row_selection import label_counts, select
from engine.protocol.dataset_specs import RowQuery
from engine.protocol.records import LabelCount, Row

KEPT = 4


class OpenRows:
    """A few open row files, so that scrolling through a search does not search again.

    Reading happens on another thread, one reader at a time: a search of a million rows must not
    hold up the event loop.
    """

    def __init__(self) -> None:
        self._files: OrderedDict[str, RowFile] = OrderedDict()
        self._reading = asyncio.Lock()
        self._selected: tuple[tuple[str, RowQuery, bool], Sequence[int]] | None = None

    async def page(
        self, folder: str, wanted: RowQuery, lengths: Sequence[int], page: slice
    ) -> tuple[tuple[Row, ...], int]:
        """Those of the wanted rows that lie in the page, and how many are wanted in all.

        What a query selects is kept until the next one: scrolling does not select again.
        """
        async with self._reading:
            return await asyncio.to_thread(self._page, folder, wanted, lengths, page)

    def _page(
        self, folder: str, wanted: RowQuery, lengths: Sequence[int], page: slice
    ) -> tuple[tuple[Row, ...], int]:
        rows = self._file(folder)
        key = folder, wanted, bool(lengths)
        if self._selected is None or self._selected[0] != key:
            self._selected = key, select(rows, wanted, lengths)
        places = self._selected[1]
        return tuple(rows.at(place) for place in places[page]), len(places)

    async def labels(self, folder: str) -> tuple[LabelCount, ...]:
        """How often each answer is there, where they are few."""
        async with self._reading:
            counts = await asyncio.to_thread(lambda: label_counts(self._file(folder)))
        return tuple(LabelCount(label, rows) for label, rows in counts.items())

    async def row(self, folder: str, number: int) -> Row:
        async with self._reading:
            return self._file(folder).row(number)

    def forget(self, folder: str) -> None:
        """Close a dataset that is about to be moved away."""
        for path in [path for path in self._files if path.startswith(folder)]:
            self._files.pop(path).close()

    def _file(self, folder: str) -> RowFile:
        if folder not in self._files:
            self._files[folder] = RowFile(folder)
            while len(self._files) > KEPT:
                self._files.popitem(last=False)[1].close()
        self._files.move_to_end(folder)
        return self._files[folder]
