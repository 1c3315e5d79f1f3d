"""The base alone or with one adapter of any method, ready to write replies."""

import copy
import warnings
from itertools import chain
from typing import Any

import torch
from msgspec import Struct
from peft import PeftModel, get_peft_model_state_dict, set_peft_model_state_dict
from transformers import DynamicCache

from engine.workers.adapter_file import AdapterContent

PREFIX = "base_model.model."
NAME = "default"  # of the one adapter that a model has
MODULE_BYTES = 3_000  # of Python objects for one module, measured on Llama layers
FILLED_IN_PLACE = ("ADALORA", "LN_TUNING")  # they change size, or take the base's own precision


class Variant(Struct, frozen=True):
    """Everything that a reply is written with; never changed once it is made.

    `model` shares the base's weights with every other variant but is a module tree of its own,
    so no adapter can reach a reply of another one or of the base.
    """

    model: Any
    hash: str | None = None  # of the adapter's files as they were loaded; None: the base alone
    start: DynamicCache | None = None  # keys and values of learned tokens, before every prompt
    size_bytes: int = 0

    @property
    def virtual_tokens(self) -> int:
        """How many positions of the context the learned tokens take."""
        return 0 if self.start is None else int(self.start.get_seq_length())

    def new_cache(self) -> DynamicCache:
        if self.start is None:
            return DynamicCache(config=self.model.config)
        return copy.deepcopy(self.start)


def make_variant(model: Any, content: AdapterContent) -> Variant:
    """The base `model`, which stays as it is, with an adapter.

    Raises ValueError, RuntimeError and their like when tensors and model do not go together.
    """
    with warnings.catch_warnings():  # a block size is adjusted; RMS norms work; pruned layers
        for message in ("Invalid `oft_block_size`", "Unsupported layer type", ".*rank_pattern",
                        ".*have invalid shape", "Note that `r` is not used"):  # fmt: skip
            warnings.filterwarnings("ignore", message=message)
        if content.config.is_prompt_learning:
            start = _learned_start(model, content)
            size = sum(layer.keys.nbytes + layer.values.nbytes for layer in start.layers)
            return Variant(model, content.hash, start, size)
        adapted = _with_layers(model, content)
    tree_bytes = MODULE_BYTES * sum(1 for _ in adapted.modules())
    return Variant(adapted, content.hash, None, content.size_bytes + tree_bytes)


def twin(model: Any) -> Any:
    """Another tree of modules over the very same weights: takes milliseconds, copies no tensor."""
    tensors = chain(model.parameters(), model.buffers())
    return copy.deepcopy(model, {id(tensor): tensor for tensor in tensors})


def _with_layers(model: Any, content: AdapterContent) -> Any:
    tree = twin(model)
    assigned = str(content.config.peft_type.value) not in FILLED_IN_PLACE
    peft = PeftModel(tree, content.config, adapter_name=NAME, low_cpu_mem_usage=assigned)
    _refuse_other_names(peft, content)
    set_peft_model_state_dict(peft, content.tensors, NAME, low_cpu_mem_usage=assigned)
    return tree.eval().requires_grad_(False)


def _refuse_other_names(peft: PeftModel, content: AdapterContent) -> None:
    """Before anything is written: a tensor named like one of the base's would replace it."""
    wanted = set(get_peft_model_state_dict(peft, adapter_name=NAME, save_embedding_layers=False))
    strange, missing = content.tensors.keys() - wanted, wanted - content.tensors.keys()
    if strange or missing:
        name = min(strange or missing).removeprefix(PREFIX)
        raise ValueError(f"{name} {'has no place in the model' if strange else 'is missing'}")


@torch.inference_mode()
def _learned_start(model: Any, content: AdapterContent) -> DynamicCache:
    """What the model would hold of the learned tokens, reckoned once."""
    peft = PeftModel(twin(model), content.config, adapter_name=NAME)
    _refuse_other_names(peft, content)
    set_peft_model_state_dict(peft, content.tensors, NAME)
    prompt = peft.eval().get_prompt(batch_size=1)
    if isinstance(prompt, torch.Tensor):  # embeddings: the model reads them like a text
        cache = DynamicCache(config=model.config)
        model(inputs_embeds=prompt.to(model.dtype), past_key_values=cache, use_cache=True)
        return cache
    if not isinstance(prompt, DynamicCache):
        raise TypeError("this base keeps no keys and values that could be learned")
    return prompt
