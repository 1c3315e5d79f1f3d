"""Writes replies side by side with one base model and any of its adapters."""

import logging
import queue
import time
from collections import deque
from typing import Protocol

import msgspec
import psutil
import torch

from engine.protocol.problems import Problem, Refused
from engine.protocol.records import ReplyStamp
from engine.protocol.tasks import ServeChat
from engine.protocol.worker_messages import (
    CancelReply,
    DropAdapter,
    Generate,
    Ready,
    ReplyDelta,
    ReplyDone,
    ReplyStarted,
    RequestFailed,
    ServeRequest,
)
from engine.workers.chat_model import ChatModel, load_chat_model
from engine.workers.decoding import Decoding
from engine.workers.resident import ResidentAdapters

log = logging.getLogger(__name__)
ALLOCATION = "can't allocate memory"  # torch's words on a CPU, in a plain RuntimeError


class Line(Protocol):
    """The part of a Channel that is used here."""

    commands: queue.SimpleQueue[ServeRequest | None]

    def send(self, message: msgspec.Struct) -> None: ...


class OpenReply:
    """A reply being written, and when what happened to it."""

    def __init__(self, request: Generate, decoding: Decoding, key: str | None) -> None:
        self.request = request
        self.decoding = decoding
        self.key = key  # of its resident adapter; None: the plain base
        self.swap_ms = 0.0
        self.taken_at = time.perf_counter()
        self.first_token_at: float | None = None

    def stamp(self, finish: str) -> ReplyStamp:
        now = time.perf_counter()
        first = self.first_token_at
        tokens = self.decoding.tokens
        span = now - first if first is not None else 0.0
        adapter = self.request.adapter
        return ReplyStamp(
            adapter=adapter.id if adapter else None,
            adapter_hash=self.decoding.variant.hash,
            backend="transformers",
            swap_ms=self.swap_ms,
            first_token_ms=((first if first is not None else now) - self.taken_at) * 1e3,
            tokens_per_second=(tokens - 1) / span if tokens > 1 and span > 0 else 0.0,
            tokens=tokens,
            prompt_tokens=self.decoding.prompt_tokens,
            finish=finish,
        )


class ChatLoop:
    """Answers requests, one step of each open reply in turn, so that columns stream together."""

    def __init__(self, channel: Line, chat: ChatModel, adapters: ResidentAdapters) -> None:
        self._channel = channel
        self._chat = chat
        self._adapters = adapters
        self._open: deque[OpenReply] = deque()

    def run(self) -> None:
        """Until end-of-file."""
        while self._take_commands():
            if self._open:
                self._advance(self._open.popleft())

    def _take_commands(self) -> bool:
        """Act on all commands that are there; wait for one only when there is nothing to write."""
        wait = not self._open
        while True:
            try:
                command = self._channel.commands.get(block=wait)
            except queue.Empty:
                return True
            if command is None:
                return False
            self._act(command)
            wait = False

    def _act(self, command: ServeRequest) -> None:
        match command:
            case Generate():
                self._begin(command)
            case CancelReply():
                for reply in [reply for reply in self._open if reply.request.id == command.id]:
                    self._open.remove(reply)
                    self._end(reply, "cancelled")
            case DropAdapter():
                self._adapters.drop(command.adapter)
            case _:
                problem = Problem("chat.unknown-request", "The chat worker only writes replies.")
                self._channel.send(RequestFailed(command.id, problem))

    def _begin(self, request: Generate) -> None:
        taken_at = time.perf_counter()
        key = None
        try:
            key = self._adapters.hold(request.adapter) if request.adapter else None
            held_at = time.perf_counter()
            variant = self._adapters.variant(key)
            swap_ms = (time.perf_counter() - held_at) * 1e3
            template = request.adapter.template if request.adapter else None
            prompt = self._chat.prompt(
                request.messages, template, virtual_tokens=variant.virtual_tokens
            )
            decoding = Decoding(self._chat, prompt, request.sampling, variant=variant)
        except (Refused, MemoryError, RuntimeError) as error:
            self._release(key)
            self._fail(request, error)
            return
        reply = OpenReply(request, decoding, key)
        reply.taken_at, reply.swap_ms = taken_at, swap_ms
        self._open.append(reply)
        self._channel.send(ReplyStarted(request.id, swap_ms))

    def _advance(self, reply: OpenReply) -> None:
        try:
            text = reply.decoding.step()
        except (Refused, MemoryError, RuntimeError) as error:
            self._release(reply.key)
            self._fail(reply.request, error)
            return
        if reply.first_token_at is None and reply.decoding.tokens:
            reply.first_token_at = time.perf_counter()
        if text:
            self._channel.send(ReplyDelta(reply.request.id, text))
        if reply.decoding.finish:
            self._end(reply, reply.decoding.finish)
        else:
            self._open.append(reply)

    def _end(self, reply: OpenReply, finish: str) -> None:
        self._release(reply.key)
        done = ReplyDone(reply.request.id, reply.decoding.text, reply.stamp(finish))
        self._channel.send(done)

    def _release(self, key: str | None) -> None:
        if key is not None:
            self._adapters.release(key)

    def _fail(self, request: Generate, error: Exception) -> None:
        self._channel.send(RequestFailed(request.id, _problem(error)))


def _problem(error: Exception) -> Problem:
    """A refusal's own Problem; out of memory as one; anything else is a bug and raised again."""
    if isinstance(error, Refused):
        log.info("Refused: %s", error.problem)
        return error.problem
    if isinstance(error, MemoryError | torch.OutOfMemoryError) or ALLOCATION in str(error):
        log.error("Out of memory: %s", error)
        return Problem(
            "memory.out",
            "The machine ran out of memory while writing a reply.",
            "Close other programs, or shorten the conversation.",
        )
    raise error


def serve(channel: Line, content: bytes) -> None:
    """Load the base of the ServeChat task, say Ready, and answer until end-of-file."""
    task = msgspec.json.decode(content, type=ServeChat)
    chat = load_chat_model(task.base, threads=task.threads)
    adapters = ResidentAdapters(chat.model, task.base, budget_bytes=task.budget_bytes)
    channel.send(Ready(_memory_bytes()))
    ChatLoop(channel, chat, adapters).run()


def _memory_bytes() -> int:
    held = psutil.Process().memory_info().rss
    return int(held + (torch.cuda.memory_allocated() if torch.cuda.is_available() else 0))
