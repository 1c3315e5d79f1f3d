"""Recipes in the three styles that Olive has had, written for these tests."""

from typing import Any

from engine.protocol.options import with_values
from engine.protocol.recipes import RecipeImport, RecipeNote
from engine.protocol.records import BaseModel, LinearShape
from engine.protocol.specs import TrainSpec
from engine.recipes.olive_import import import_olive
from engine.recipes.recipe_text import parse_recipe

LLAMA = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
BASE = BaseModel(
    "b" * 32, "Tiny", "/models/tiny", "folder",
    linears=tuple(LinearShape(name, 64, 64, 2) for name in LLAMA),
)  # fmt: skip

TODAY = """
input_model: {type: HfModel, model_path: BASE_DIR}
systems:
  local_system: {type: LocalSystem, accelerators: [{device: cpu}]}
data_configs:
  - name: train_data
    type: HuggingfaceContainer
    load_dataset_config: {data_name: json, data_files: TRAIN.jsonl, split: train}
    pre_process_data_config: {text_cols: text, max_seq_len: 64}
passes:
  lora: {type: LoRA, r: 4, alpha: 8, target_modules: [q_proj, v_proj], torch_dtype: float32,
         train_data_config: train_data,
         training_args: {max_steps: 2, per_device_train_batch_size: 2, logging_steps: 1,
                         learning_rate: 1e-3, gradient_checkpointing: false}}
  builder: {type: ModelBuilder, precision: fp32}
  extract: {type: ExtractAdapters}
host: local_system
cache_dir: /absolute/cache
output_dir: /absolute/out
"""
NESTED: dict[str, Any] = {
    "input_model": {
        "type": "PyTorchModel",
        "config": {"hf_config": {"model_name": "org/llama", "task": "text-generation"}},
    },
    "data_configs": [
        {
            "name": "codes",
            "type": "HuggingfaceContainer",
            "user_script": "script.py",
            "load_dataset_config": {
                "type": "code_dataset",
                "params": {"data_name": "org/codes", "split": "train", "token": True},
            },
            "pre_process_data_config": {"params": {"text_template": "Q: {prompt}\nA: {response}"}},
        }
    ],
    "passes": {
        "qlora": {
            "type": "QLoRA",
            "config": {
                "lora_r": 32,
                "lora_alpha": 64,
                "lora_dropout": 0.1,
                "double_quant": True,
                "quant_type": "nf4",
                "compute_dtype": "bfloat16",
                "train_data_config": "codes",
                "eval_dataset_size": 1024,
                "training_args": {
                    "per_device_train_batch_size": 16,
                    "max_steps": 1500,
                    "save_steps": 100,
                    "evaluation_strategy": "steps",
                    "eval_steps": 50,
                    "lr_scheduler_type": "cosine",
                    "warmup_steps": 75,
                    "extra_args": {"adam_beta2": 0.999, "max_grad_norm": 0.3},
                },
                "training_output_dir": "models/checkpoints",
            },
        }
    },
    "engine": {"search_strategy": False, "cache_dir": "cache", "output_dir": "models"},
}
OLDEST: dict[str, Any] = {
    "input_model": {"type": "PyTorchModel", "config": {"hf_config": {"model_name": "org/llama"}}},
    "data_configs": {
        "chats_train": {
            "name": "chats",
            "type": "HuggingfaceContainer",
            "params_config": {
                "data_name": "org/chats",
                "split": "train",
                "component_kwargs": {
                    "pre_process_data": {
                        "dataset_type": "corpus",
                        "text_cols": ["text"],
                        "corpus_strategy": "line-by-line",
                        "source_max_len": 512,
                    }
                },
            },
        }
    },
    "passes": {
        "loftq": {
            "type": "LoftQ",
            "config": {"lora_r": 64, "lora_alpha": 16, "train_data_config": "chats_train"},
        }
    },
    "engine": {"target": {"type": "LocalSystem"}, "execution_providers": ["CPUExecutionProvider"]},
}


def imported(recipe: str | dict[str, Any]) -> RecipeImport:
    plain = parse_recipe(recipe) if isinstance(recipe, str) else recipe
    return import_olive(plain, linears=LLAMA)


def spec_of(found: RecipeImport) -> TrainSpec:
    return with_values(TrainSpec(base="b", dataset="d"), found.values)


def paths(notes: tuple[RecipeNote, ...]) -> set[str]:
    return {note.path for note in notes}


def trained(**settings: Any) -> dict[str, Any]:
    """The least recipe of a LoRA with these keys in its pass."""
    return {"passes": {"lora": {"type": "LoRA", **settings}}}
