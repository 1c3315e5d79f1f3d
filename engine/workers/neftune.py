"""Noise on the embeddings while training (NEFTune; Jain et al., 2023, arXiv:2310.05914)."""

from typing import Any

import torch
from torch import Tensor


class EmbeddingNoise:
    """Uniform noise of ±alpha / √(L·d) on every token of an example of L tokens and d numbers.

    transformers' own takes L from the row, which would be that of all packed examples together.
    """

    def __init__(self, alpha: float) -> None:
        self._alpha = alpha
        self.lengths: Tensor | None = None  # of the examples in the row that comes next

    def put_on(self, model: Any) -> None:
        model.get_input_embeddings().register_forward_hook(self._add)

    def _add(self, module: Any, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor | None:
        if not module.training:
            return None
        tokens, size = output.shape[1], output.shape[2]
        lengths = self.lengths
        if lengths is None or int(lengths.sum()) != tokens:  # one example alone
            lengths = torch.tensor([tokens])
        widths = (self._alpha / (lengths * size).sqrt()).repeat_interleave(lengths)
        noise = torch.empty_like(output).uniform_(-1, 1)
        return output + noise * widths.to(output)[None, :, None]
