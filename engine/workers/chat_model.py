"""The base model that a chat worker answers with: weights, tokenizer and chat template."""

import inspect
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from jinja2 import TemplateError
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, AutoTokenizer

from engine.datasets.chat_templates import chat_template
from engine.datasets.templates import prompt_pieces
from engine.protocol.dataset_specs import Template
from engine.protocol.problems import Refused
from engine.protocol.records import BaseModel
from engine.protocol.specs import Message

log = logging.getLogger(__name__)
# Special tokens with which templates end an assistant's turn, whatever the config says.
TURN_ENDS = ("<|im_end|>", "<|eot_id|>", "<end_of_turn>", "<|end|>", "<|endoftext|>")


class ChatModel:
    """A loaded base and what its replies need to know."""

    def __init__(self, base: BaseModel, model: Any, tokenizer: Any) -> None:
        self.base = base
        self.model = model
        self.tokenizer = tokenizer
        self.device = model.device
        self.stop_tokens = _stop_tokens(model, tokenizer)
        limit = getattr(model.config.get_text_config(), "max_position_embeddings", 0)
        self.context_length = int(base.context_length or limit or 2**31)
        known = inspect.signature(model.forward).parameters
        self.forward_options = {"logits_to_keep": 1} if "logits_to_keep" in known else {}

    def decode(self, tokens: Sequence[int]) -> str:
        text = self.tokenizer.decode(
            tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return str(text)

    def prompt(
        self,
        messages: Sequence[Message],
        template: Template | None = None,
        *,
        virtual_tokens: int = 0,
    ) -> list[int]:
        """Token ids of the conversation up to where the reply begins.

        `template` is the adapter's own, in place of the base's; `virtual_tokens` are those that
        the adapter puts before the conversation. Raises Refused when the template
        rejects the conversation, makes nothing of it, or leaves no room for a reply in the context.
        """
        texts = [self._text(messages)] if template is None else self._texts(messages, template)
        ids: list[int] = []
        for text in texts:  # one by one, as in training
            ids.extend(self.tokenizer(text, add_special_tokens=False)["input_ids"])
        if not ids:
            raise Refused("chat.empty", "There is nothing to answer.", "Write a message.")
        if len(ids) + virtual_tokens >= self.context_length:
            learned = f" with the {virtual_tokens:,} of the adapter" if virtual_tokens else ""
            raise Refused(
                "chat.too-long",
                f"The conversation has {len(ids):,} tokens and {self.base.name} reads at most"
                f" {self.context_length:,}, the reply included{learned}.",
                "Start a new conversation or shorten the messages.",
            )
        return ids

    def _texts(self, messages: Sequence[Message], template: Template) -> list[str]:
        turns = [(message.role, message.content) for message in messages]
        return [piece.text for piece in prompt_pieces(turns, template, self.tokenizer)]

    def _text(self, messages: Sequence[Message]) -> str:
        plain = [{"role": message.role, "content": message.content} for message in messages]
        try:
            text: str = self.tokenizer.apply_chat_template(
                plain,
                chat_template=chat_template(self.tokenizer.chat_template),
                add_generation_prompt=True,
                tokenize=False,
            )
        except (TemplateError, TypeError, ValueError) as error:
            raise Refused(
                "chat.template",
                f"The chat template of {self.base.name} rejects this conversation: {error}.",
                "Change the system prompt or the order of the messages.",
            ) from error
        return text


def load_chat_model(base: BaseModel, *, threads: int) -> ChatModel:
    """Load `base.path` for inference: float32 on a CPU, bfloat16 or float16 on a GPU.

    `threads` of 0 leaves torch its own choice. Raises Refused when the folder is gone, cannot be
    read, or its weights are not complete: nothing ever answers with random weights.
    """
    if threads:
        torch.set_num_threads(threads)
    if not Path(base.path).is_dir():
        raise Refused(
            "model.missing",
            f"The folder of {base.name} is not where it was: {base.path}.",
            "Put it back or add the model again.",
            status=409,
        )
    device, dtype = _device()
    try:
        model, report = _read_weights(base.path, dtype)
        tokenizer = AutoTokenizer.from_pretrained(
            base.path, local_files_only=True, trust_remote_code=False
        )
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        log.exception("Loading %s", base.path)
        raise Refused(
            "model.unreadable",
            f"{base.name} cannot be loaded: {error}.",
            "Check the model's folder or add the model again.",
        ) from error
    wrong = [*report["missing_keys"], *report["mismatched_keys"], *report["error_msgs"]]
    if wrong:
        raise Refused(
            "model.incomplete",
            f"{base.name} is not complete: {len(wrong)} tensors are missing or do not fit,"
            f" the first is {sorted(map(str, wrong))[0]}.",
            "Copy the model's folder again.",
        )
    model.to(device).eval().requires_grad_(False)
    return ChatModel(base, model, tokenizer)


def _device() -> tuple[torch.device, torch.dtype]:
    if not torch.cuda.is_available():
        return torch.device("cpu"), torch.float32
    half = torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    return torch.device("cuda"), half


def _read_weights(path: str, dtype: torch.dtype) -> Any:
    """The model and transformers' report on its weights; never a pickle, never remote code."""
    options = {
        "dtype": dtype,
        "local_files_only": True,
        "use_safetensors": True,
        "trust_remote_code": False,
        "output_loading_info": True,
    }
    try:
        return AutoModelForCausalLM.from_pretrained(path, attn_implementation="sdpa", **options)
    except ValueError as error:
        if "scaled_dot_product_attention" not in str(error):
            raise
        return AutoModelForCausalLM.from_pretrained(path, attn_implementation="eager", **options)


def _stop_tokens(model: Any, tokenizer: Any) -> frozenset[int]:
    stops: set[int] = set()
    for source in (model.generation_config, model.config, tokenizer):
        found = getattr(source, "eos_token_id", None)
        stops.update([found] if isinstance(found, int) else found or [])
    added = tokenizer.get_added_vocab()
    stops.update(added[name] for name in TURN_ENDS if name in added)
    return frozenset(stops)
