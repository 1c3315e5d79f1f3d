"""A real Hugging Face model folder that is small enough to make in every test."""

import json
from pathlib import Path

import numpy
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import Tokenizer, decoders, pre_tokenizers
from tokenizers.models import BPE

LAYERS, HIDDEN, HEADS, KV_HEADS, INNER, CONTEXT = 2, 64, 4, 2, 128, 512
SPECIALS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
VOCABULARY = 256 + len(SPECIALS)

CHAT_TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content']"
    " + '<|im_end|>' + '\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


def write_tiny_model(folder: Path, *, seed: int = 0) -> Path:
    """Write a two-layer Llama with a byte-level tokenizer and a ChatML template into `folder`.

    Needs neither torch nor transformers. The same seed gives the same bytes. Returns `folder`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _write_json(folder / "config.json", _config())
    _write_json(
        folder / "generation_config.json",
        {"bos_token_id": 257, "eos_token_id": 258, "pad_token_id": 258},
    )
    save_file(_tensors(seed), folder / "model.safetensors", metadata={"format": "pt"})
    _tokenizer().save(str(folder / "tokenizer.json"))
    _write_json(
        folder / "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": "<|im_start|>",
            "eos_token": "<|im_end|>",
            "pad_token": "<|im_end|>",
            "unk_token": "<|endoftext|>",
            "model_max_length": CONTEXT,
        },
    )
    (folder / "chat_template.jinja").write_text(CHAT_TEMPLATE)
    return folder


def _write_json(path: Path, content: dict[str, object]) -> None:
    path.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n")


def _config() -> dict[str, object]:
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "attention_bias": False,
        "mlp_bias": False,
        "attention_dropout": 0.0,
        "hidden_act": "silu",
        "hidden_size": HIDDEN,
        "intermediate_size": INNER,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "num_key_value_heads": KV_HEADS,
        "head_dim": HIDDEN // HEADS,
        "initializer_range": 0.02,
        "max_position_embeddings": CONTEXT,
        "rms_norm_eps": 1e-5,
        "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0},
        "tie_word_embeddings": True,
        "use_cache": True,
        "dtype": "float32",
        "vocab_size": VOCABULARY,
        "bos_token_id": 257,
        "eos_token_id": 258,
        "pad_token_id": 258,
    }


def _tensors(seed: int) -> dict[str, NDArray[numpy.float32]]:
    random = numpy.random.default_rng(seed)
    kv = KV_HEADS * HIDDEN // HEADS
    shapes = {
        "self_attn.q_proj": (HIDDEN, HIDDEN),
        "self_attn.k_proj": (kv, HIDDEN),
        "self_attn.v_proj": (kv, HIDDEN),
        "self_attn.o_proj": (HIDDEN, HIDDEN),
        "mlp.gate_proj": (INNER, HIDDEN),
        "mlp.up_proj": (INNER, HIDDEN),
        "mlp.down_proj": (HIDDEN, INNER),
    }

    def normal(shape: tuple[int, int], scale: float) -> NDArray[numpy.float32]:
        return (random.standard_normal(shape) * scale).astype(numpy.float32)

    ones = numpy.ones(HIDDEN, numpy.float32)
    tensors = {
        "model.embed_tokens.weight": normal((VOCABULARY, HIDDEN), 0.1),
        "model.norm.weight": ones,
    }
    for layer in range(LAYERS):
        at = f"model.layers.{layer}"
        tensors[f"{at}.input_layernorm.weight"] = ones
        tensors[f"{at}.post_attention_layernorm.weight"] = ones
        for name, shape in shapes.items():
            tensors[f"{at}.{name}.weight"] = normal(shape, shape[1] ** -0.5)
    return tensors


def _tokenizer() -> Tokenizer:
    """One token a byte, then the three special tokens."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(BPE(vocab={char: at for at, char in enumerate(alphabet)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(list(SPECIALS))
    return tokenizer
