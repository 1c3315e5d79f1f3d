"""What AdaLoRA does beside the steps: move ranks, keep directions apart, remember importance."""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import TrainerCallback

from engine.store.hashing import ADAPTER_CONFIG

STATE = "adalora.safetensors"
ADAPTER = "default"
IMPORTANCE = ("exp_avg_ipt", "exp_avg_unc")


class AdaLoraRanks(TrainerCallback):
    """Zhang et al., 2023, arXiv:2303.10512, through PEFT's rank allocator."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._config = model.peft_config[ADAPTER]

    def on_optimizer_step(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """While the gradients are still there, which tell what mattered."""
        self._model.base_model.update_and_allocate(state.global_step + 1)

    def penalty(self) -> Any:
        """How far from orthogonal the directions are (equation 4), times its weight."""
        distances = []
        for name, weight in self._directions():
            gram = weight @ weight.T if "lora_A" in name else weight.T @ weight
            distances.append(torch.linalg.matrix_norm(gram - torch.eye(len(gram)).to(gram)))
        return self._config.orth_reg_weight * torch.stack(distances).mean()

    def _directions(self) -> list[tuple[str, Tensor]]:
        return [
            (name, weight)
            for name, weight in self._model.named_parameters()
            if ("lora_A" in name or "lora_B" in name) and weight.requires_grad
        ]

    def save(self, folder: Path) -> None:
        """The whole matrices, also of ranks that are given up, and how important each was."""
        tensors = {f"weight:{name}": each for name, each in self._weights().items()}
        allocator = self._model.base_model.rankallocator
        for kind in IMPORTANCE:
            tensors |= {f"{kind}:{name}": each for name, each in getattr(allocator, kind).items()}
        content = {name: each.detach().cpu().contiguous() for name, each in tensors.items()}
        save_file(content, folder / STATE)

    def load(self, folder: Path) -> None:
        allocator, weights = self._model.base_model.rankallocator, self._weights()
        found = load_file(folder / STATE)
        for key, tensor in found.items():
            kind, _, name = key.partition(":")
            if kind == "weight":
                with torch.no_grad():
                    weights[name].copy_(tensor)
            else:
                here = tensor.to(next(iter(weights.values())).device)
                getattr(allocator, kind)[name] = here
                allocator.ipt[name] = here  # PEFT begins anew where there is none
        config = json.loads((folder / ADAPTER_CONFIG).read_text("utf-8"))
        self._config.rank_pattern = config["rank_pattern"] or None

    def _weights(self) -> dict[str, Tensor]:
        return {name: each for name, each in self._model.named_parameters() if "lora_" in name}
