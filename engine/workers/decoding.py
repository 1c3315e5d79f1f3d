"""One reply, written token by token over the model's own forward."""

from typing import Any

import torch
from transformers.generation.logits_process import (
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopPLogitsWarper,
)

from engine.protocol.problems import Refused
from engine.protocol.specs import SamplingSpec
from engine.workers.chat_model import ChatModel
from engine.workers.text_stream import TextStream
from engine.workers.variant import Variant

PROMPT_CHUNK = 512  # tokens of a prompt read in one step, so that no reply waits long for another


class Sampler:
    """Draws the next token; its generator is its own, so nothing else changes what it draws."""

    def __init__(self, sampling: SamplingSpec) -> None:
        self.greedy = sampling.temperature == 0
        self.top_k = sampling.top_k
        self._penalty = (
            None
            if sampling.repetition_penalty == 1
            else RepetitionPenaltyLogitsProcessor(sampling.repetition_penalty)
        )
        self._warpers: list[Any] = []
        if not self.greedy:
            if sampling.temperature != 1:
                self._warpers.append(TemperatureLogitsWarper(sampling.temperature))
            if sampling.top_p < 1:
                self._warpers.append(TopPLogitsWarper(sampling.top_p))
        self._generator = torch.Generator().manual_seed(sampling.seed)

    def choose(self, logits: torch.Tensor, tokens: list[int]) -> int:
        """A token from `logits` (1, vocabulary), given all tokens so far."""
        if self._penalty is not None:
            seen = torch.tensor([tokens], device=logits.device)
            logits = self._penalty(seen, logits)
        if self.greedy:
            return int(logits.argmax(-1))
        probabilities, indices = self.distribution(logits)
        at = torch.multinomial(probabilities, 1, generator=self._generator)
        return int(indices[0, at[0, 0]])

    def distribution(self, logits: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Probabilities (1, n) and their tokens (1, n), on the CPU.

        Top k comes first: the same distribution as warping the whole vocabulary in the usual order
        (temperature keeps ranks), without sorting all of it.
        """
        logits = logits.float().cpu()
        size = logits.shape[-1]
        if 0 < self.top_k < size:
            logits, indices = logits.topk(self.top_k, dim=-1)
        else:
            indices = torch.arange(size)[None]
        for warp in self._warpers:
            logits = warp(None, logits)
        return logits.softmax(-1), indices


class Decoding:
    """A reply being written: its own cache, sampler and text, so that replies can alternate."""

    def __init__(
        self,
        chat: ChatModel,
        prompt: list[int],
        sampling: SamplingSpec,
        *,
        variant: Variant | None = None,
    ) -> None:
        """`variant` answers to the end, whatever else is loaded or left; None: the base alone."""
        self._chat = chat
        self.variant = variant or Variant(chat.model)
        self._sampler = Sampler(sampling)
        self._cache = self.variant.new_cache()
        self._stream = TextStream(chat.decode)
        self._tokens = list(prompt)
        self._read = 0  # tokens that the model has seen
        room = chat.context_length - self.variant.virtual_tokens
        self._limit = min(len(prompt) + sampling.max_tokens, room)
        self.prompt_tokens = len(prompt)
        self.finish = ""  # "stop" or "length" once it has ended
        self.text = ""

    @property
    def drawn(self) -> list[int]:
        """The reply's tokens, a stop token included."""
        return self._tokens[self.prompt_tokens :]

    @property
    def tokens(self) -> int:
        """How many tokens were drawn, a stop token included."""
        return len(self._tokens) - self.prompt_tokens

    @torch.inference_mode()
    def step(self) -> str:
        """One forward: a part of the prompt, or one token. Returns the text that it completed.

        Raises Refused when the model's numbers are broken.
        """
        feed = self._tokens[self._read : self._read + PROMPT_CHUNK]
        output = self.variant.model(
            input_ids=torch.tensor([feed], device=self._chat.device),
            past_key_values=self._cache,
            use_cache=True,
            **self._chat.forward_options,
        )
        self._read += len(feed)
        if self._read < len(self._tokens):
            return ""
        logits = output.logits[:, -1]
        if bool(logits.isnan().any()):
            raise Refused(
                "chat.not-a-number",
                "The model answered with numbers that are none.",
                "Its weights or the adapter's are damaged or overflow; try another adapter.",
            )
        return self._write(self._sampler.choose(logits, self._tokens))

    def _write(self, token: int) -> str:
        self._tokens.append(token)
        if token in self._chat.stop_tokens:
            self.finish = "stop"
        elif len(self._tokens) >= self._limit:
            self.finish = "length"
        new = "" if self.finish == "stop" else self._stream.add(token)
        if self.finish:
            new += self._stream.end()
        self.text += new
        return new
