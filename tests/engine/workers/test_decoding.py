import pytest
import torch
from transformers import AutoModelForCausalLM
from transformers.generation.logits_process import (
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from engine.protocol.records import BaseModel
from engine.protocol.specs import SamplingSpec
from engine.workers import decoding
from engine.workers.chat_model import load_chat_model
from engine.workers.decoding import Decoding, Sampler
from tests.engine.workers.conftest import user


def written(base: BaseModel, prompt: list[int], sampling: SamplingSpec) -> list[int]:
    reply = Decoding(load_chat_model(base, threads=1), prompt, sampling)
    while not reply.finish:
        reply.step()
    return reply._tokens[len(prompt) :]


@pytest.mark.parametrize("penalty", [1.0, 1.3])
def test_greedy_tokens_equal_those_of_generate(base: BaseModel, penalty: float) -> None:
    prompt = load_chat_model(base, threads=1).prompt(user("Tell me something"))
    model = AutoModelForCausalLM.from_pretrained(base.path).eval()
    expected = model.generate(
        torch.tensor([prompt]),
        attention_mask=torch.ones(1, len(prompt)),
        do_sample=False,
        max_new_tokens=48,
        repetition_penalty=penalty,
    )
    sampling = SamplingSpec(temperature=0, max_tokens=48, repetition_penalty=penalty)
    assert written(base, prompt, sampling) == expected[0, len(prompt) :].tolist()


def test_a_prompt_read_in_parts_gives_the_same_tokens(
    base: BaseModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    prompt = load_chat_model(base, threads=1).prompt(user("Tell me something " * 10))
    sampling = SamplingSpec(temperature=0, max_tokens=24)
    whole = written(base, prompt, sampling)
    monkeypatch.setattr(decoding, "PROMPT_CHUNK", 17)
    assert written(base, prompt, sampling) == whole


@pytest.mark.parametrize("top_k", [0, 1, 5, 40, 10_000])
@pytest.mark.parametrize("top_p", [0.3, 0.9, 1.0])
@pytest.mark.parametrize("temperature", [0.2, 1.0, 1.7])
def test_the_distribution_equals_that_of_the_usual_warpers(
    top_k: int, top_p: float, temperature: float
) -> None:
    logits = torch.randn(1, 300, generator=torch.Generator().manual_seed(1)) * 3
    expected = TemperatureLogitsWarper(temperature)(None, logits) if temperature != 1 else logits
    if top_k:
        expected = TopKLogitsWarper(top_k)(None, expected)
    if top_p < 1:
        expected = TopPLogitsWarper(top_p)(None, expected)
    sampler = Sampler(SamplingSpec(temperature=temperature, top_p=top_p, top_k=top_k))
    probabilities, tokens = sampler.distribution(logits)
    found = torch.zeros(1, 300).scatter(1, tokens, probabilities)
    torch.testing.assert_close(found, expected.softmax(-1))


def test_draws_follow_the_distribution() -> None:
    logits = torch.tensor([[2.0, 1.0, 0.0, -1.0]])
    sampler = Sampler(SamplingSpec(temperature=1, top_p=1, top_k=0, seed=3))
    counts = torch.zeros(4)
    for _ in range(4000):
        counts[sampler.choose(logits, [])] += 1
    torch.testing.assert_close(counts / 4000, logits[0].softmax(-1), atol=0.03, rtol=0)
