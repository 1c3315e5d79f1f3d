"""The chat workers of an engine: one for each base model, a few at a time."""

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import psutil

from engine.jobs.service_worker import ServiceWorker
from engine.protocol.problems import Refused
from engine.protocol.records import Adapter, BaseModel
from engine.protocol.specs import Message, SamplingSpec
from engine.protocol.tasks import ServeChat
from engine.protocol.worker_messages import (
    DropAdapter,
    Generate,
    ReplyDelta,
    ReplyDone,
    ReplyStarted,
    RequestFailed,
)

__all__ = ["ChatMessage", "ChatServices", "ServiceWorker"]

ChatMessage = ReplyStarted | ReplyDelta | ReplyDone | RequestFailed
LOADED_BASES = 2
IDLE_S = 1800.0
ADAPTER_SHARE = 8  # resident adapters of one base get this part of the memory


class ChatServices:
    """Answers chats; loads bases as they are asked for and lets the least recently used leave."""

    def __init__(
        self,
        folder: Path,
        *,
        threads: int = 0,
        budget_bytes: int = 0,
        limit: int = LOADED_BASES,
        idle_s: float | None = IDLE_S,
        module: str = "",
    ) -> None:
        """`budget_bytes` bounds the resident adapters of each base; 0 takes a share of memory."""
        self._folder = folder
        self._threads = threads
        self._budget_bytes = budget_bytes or psutil.virtual_memory().total // ADAPTER_SHARE
        self._limit = limit
        self._idle_s = idle_s
        self._module = module
        self._workers: OrderedDict[str, ServiceWorker] = OrderedDict()

    @property
    def loaded(self) -> tuple[str, ...]:
        """Ids of the bases that have a worker."""
        return tuple(base for base, worker in self._workers.items() if worker.alive)

    @property
    def busy(self) -> bool:
        return any(worker.busy for worker in self._workers.values())

    async def stream_reply(
        self,
        base: BaseModel,
        adapter: Adapter | None,
        messages: Sequence[Message],
        sampling: SamplingSpec,
    ) -> AsyncGenerator[ChatMessage, None]:
        """One reply, ending with ReplyDone or RequestFailed; nothing is raised.

        A consumer that leaves early (use `contextlib.aclosing`) cancels the reply.
        """
        request = Generate(0, tuple(messages), sampling, adapter)
        try:
            worker = await self._worker(base)
            async with contextlib.aclosing(worker.stream(request)) as answers:
                async for message in answers:
                    if isinstance(message, ChatMessage):
                        yield message
        except Refused as refusal:
            yield RequestFailed(0, refusal.problem)

    async def drop_adapter(self, base: str, message: DropAdapter) -> None:
        """Free an adapter that is about to be deleted."""
        if base in self._workers:
            self._workers[base].tell(message)

    async def drop_base(self, base: str) -> None:
        """Unload a base model that is about to be removed."""
        worker = self._workers.pop(base, None)
        if worker is not None:
            await worker.close()

    async def close(self) -> None:
        workers = [*self._workers.values()]
        self._workers.clear()
        await asyncio.gather(*(worker.close() for worker in workers))

    async def _worker(self, base: BaseModel) -> ServiceWorker:
        """The worker of that base; others leave first where there is no room for it."""
        found = self._workers.get(base.id)
        if found is not None and _serves(found, base):
            self._workers.move_to_end(base.id)
            return found
        leaving = [] if found is None else [self._workers.pop(base.id)]
        while len(self._workers) >= self._limit:
            leaving.append(self._workers.pop(self._least_recently_used()))
        task = ServeChat(base, self._threads, self._budget_bytes)
        worker = ServiceWorker(
            "chat", self._folder / base.id, task, idle_s=self._idle_s, module=self._module
        )
        self._workers[base.id] = worker
        await asyncio.gather(*(old.close() for old in leaving))
        return worker

    def _least_recently_used(self) -> str:
        for base, worker in self._workers.items():
            if not worker.busy:
                return base
        raise Refused(
            "chat.busy",
            f"{len(self._workers)} base models are answering now, which is all that fit.",
            "Wait until a reply has ended, or stop one.",
            status=503,
        )


def _serves(worker: ServiceWorker, base: BaseModel) -> bool:
    """Whether it holds these very weights; a new name alone is no reason to load them again."""
    task = worker.task
    assert isinstance(task, ServeChat)
    return (task.base.path, task.base.fingerprint) == (base.path, base.fingerprint)
