"""The datasets whose rows are being looked at."""

import asyncio
from collections import OrderedDict

from engine.datasets.row_file import RowFile
from engine.protocol.records import Row

KEPT = 4


class OpenRows:
    """A few open row files, so that scrolling through a search does not search again.

    Reading happens on another thread, one reader at a time: a search of a million rows must not
    hold up the event loop.
    """

    def __init__(self) -> None:
        self._files: OrderedDict[str, RowFile] = OrderedDict()
        self._reading = asyncio.Lock()

    async def page(
        self, folder: str, offset: int, limit: int, query: str
    ) -> tuple[tuple[Row, ...], int]:
        """Up to `limit` rows that hold `query`, from `offset`, and how many there are."""
        async with self._reading:
            return await asyncio.to_thread(self._file(folder).page, offset, limit, query)

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
