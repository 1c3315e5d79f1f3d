"""The figures of a base model."""

from desktop.core import formatting
from desktop.features.models.wording import SOURCES
from desktop.workbench.facts import Facts
from engine.protocol.records import BaseModel


def fill_passport(facts: Facts, model: BaseModel) -> None:
    """What is not known is a dash: a model that is being prepared has most of them."""
    facts.clear()
    facts.add("Architecture", model.architecture or "–")
    facts.add("Parameters", f"{model.parameters:,}" if model.parameters else "–")
    facts.add("Layers", layers_of(model))
    facts.add("Weights", weights_of(model))
    facts.add("Context", f"{model.context_length:,} tokens" if model.context_length else "–")
    facts.add("Vocabulary", f"{model.vocabulary:,} tokens" if model.vocabulary else "–")
    facts.add("Licence", model.licence or "–")
    facts.add("Source", SOURCES.get(model.source, model.source))
    facts.add_copy("Path", model.path)
    facts.add_copy("Fingerprint", model.fingerprint, in_groups(model.fingerprint))
    if model.template_hash or not model.fingerprint:
        facts.add_copy("Chat template", model.template_hash, in_groups(model.template_hash))
    else:
        facts.add("Chat template", "None; plain text is used")
    facts.add_copy("Tokenizer", model.tokenizer_hash, in_groups(model.tokenizer_hash))


def layers_of(model: BaseModel) -> str:
    return f"{model.layers}, {model.hidden_size} wide" if model.layers else "–"


def weights_of(model: BaseModel) -> str:
    size = formatting.size(model.size_bytes) if model.size_bytes else ""
    return " · ".join(word for word in (model.dtype, size) if word) or "–"


def in_groups(digest: str) -> str:
    """A hash as people compare it: its first and last figures."""
    if len(digest) < 24:
        return digest
    return f"{digest[:8]} {digest[8:16]} … {digest[-8:]}"
