"""Bottleneck adapters as a method of PEFT's: small networks in a row with the sublayers.

Houlsby et al., 2019, arXiv:1902.00751, after attention and after the feed-forward layers;
Pfeiffer et al., 2020, arXiv:2005.00052, after the feed-forward layers alone. PEFT has none, so
it is registered there by `register_bottleneck`, once, before such an adapter is made or loaded.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import torch
from aenum import extend_enum
from peft import PeftConfig, PeftType
from peft.tuners.tuners_utils import BaseTuner, BaseTunerLayer
from peft.utils import register_peft_method
from torch import Tensor, nn
from torch.nn import functional

NAME = "BOTTLENECK"
ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": functional.relu,
    "gelu": functional.gelu,
    "silu": functional.silu,
    "tanh": torch.tanh,
}


@dataclass
class BottleneckConfig(PeftConfig):
    """`bottleneck_size` is the width between down and up; up begins at zero."""

    target_modules: list[str] | set[str] | None = field(default=None)
    exclude_modules: list[str] | None = field(default=None)
    bottleneck_size: int = field(default=64)
    activation: str = field(default="relu")
    modules_to_save: list[str] | None = field(default=None)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.peft_type = getattr(PeftType, NAME)
        if isinstance(self.target_modules, list):
            self.target_modules = set(self.target_modules)
        if self.activation not in ACTIVATIONS:
            raise ValueError(f"unknown activation {self.activation!r:.40}")


class BottleneckLayer(nn.Module, BaseTunerLayer):
    """The last linear layer of a sublayer and what comes after: y + up(activation(down(y)))."""

    adapter_layer_names = ("bottleneck_down", "bottleneck_up")
    other_param_names = ("bottleneck_size", "activation")

    def __init__(self, base_layer: nn.Module, adapter_name: str, config: BottleneckConfig) -> None:
        super().__init__()
        self.base_layer = base_layer
        self.bottleneck_size: dict[str, int] = {}
        self.activation: dict[str, str] = {}
        self.bottleneck_down = nn.ModuleDict({})
        self.bottleneck_up = nn.ModuleDict({})
        self._disable_adapters = False
        self.merged_adapters: list[str] = []
        self._active_adapter = adapter_name
        self.update_layer(adapter_name, config)

    def update_layer(self, adapter_name: str, config: BottleneckConfig) -> None:
        """Weights for one more adapter; it changes nothing before it has learned."""
        layer: Any = self  # torch's modules type every unknown attribute as a tensor
        width = _outputs(layer.get_base_layer())
        down = nn.Linear(width, config.bottleneck_size)
        up = nn.Linear(config.bottleneck_size, width)
        nn.init.zeros_(down.bias)
        nn.init.zeros_(up.weight)
        nn.init.zeros_(up.bias)
        self.bottleneck_size[adapter_name] = config.bottleneck_size
        self.activation[adapter_name] = config.activation
        self.bottleneck_down[adapter_name] = down
        self.bottleneck_up[adapter_name] = up
        layer._move_adapter_to_device_of_base_layer(adapter_name)
        layer.set_adapter(layer.active_adapters, inference_mode=config.inference_mode)

    def merge(self, safe_merge: bool = False, adapter_names: list[str] | None = None) -> None:
        """Never: what is not linear cannot become part of a linear layer."""
        raise ValueError("bottleneck adapters cannot be merged into the base")

    def unmerge(self) -> None:
        """Nothing is ever merged."""

    def forward(self, x: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        result: Tensor = self.base_layer(x, *args, **kwargs)
        if self.disable_adapters:
            return result
        layer: Any = self
        for name in layer.active_adapters:
            if name in self.bottleneck_down:
                down: Any = self.bottleneck_down[name]
                up: Any = self.bottleneck_up[name]
                inner = ACTIVATIONS[layer.activation[name]](down(result.to(down.weight.dtype)))
                result = result + up(inner).to(result.dtype)
        return result


class BottleneckModel(BaseTuner):
    prefix = "bottleneck_"
    tuner_layer_cls = BottleneckLayer
    target_module_mapping: ClassVar[dict[str, list[str]]] = {}

    def _create_and_replace(
        self,
        config: BottleneckConfig,
        adapter_name: str,
        target: nn.Module,
        target_name: str,
        parent: nn.Module,
        current_key: str,
        **ignored: object,
    ) -> None:
        if isinstance(target, BottleneckLayer):
            target.update_layer(adapter_name, config)
            return
        layer = BottleneckLayer(target, adapter_name, config)
        if adapter_name not in self.active_adapters:
            layer.requires_grad_(False)
        self._replace_module(parent, target_name, layer, target)


def _outputs(layer: Any) -> int:
    """Of a linear layer; GPT-2's keeps its weight the other way round."""
    found = getattr(layer, "out_features", None) or layer.nf
    return int(found)


def register_bottleneck() -> None:
    """Make the method known to PEFT, where it is not yet."""
    if NAME in PeftType.__members__:
        return
    extend_enum(PeftType, NAME, NAME)
    register_peft_method(
        name=NAME.lower(), config_cls=BottleneckConfig, model_cls=BottleneckModel,
        prefix=BottleneckModel.prefix,
    )  # fmt: skip
