"""A stock OpenAI client talks to the base and to its adapter."""

from collections.abc import Iterator

import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam

from tests.end2end.conftest import Studio

pytestmark = pytest.mark.slow
MESSAGES: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Say number 3."}]


@pytest.fixture
def client(studio: Studio) -> Iterator[openai.OpenAI]:
    engine = studio.client.engine
    with openai.OpenAI(base_url=f"{engine.base_url}/v1", api_key=engine.token) as made:
        yield made


def streamed(client: openai.OpenAI, model: str) -> str:
    chunks = client.chat.completions.create(
        model=model, messages=MESSAGES, temperature=0, max_tokens=12, stream=True
    )
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


def whole(client: openai.OpenAI, model: str) -> str:
    answer = client.chat.completions.create(
        model=model, messages=MESSAGES, temperature=0, max_tokens=12
    )
    assert answer.usage is not None
    assert answer.usage.completion_tokens <= 12
    return answer.choices[0].message.content or ""


def test_base_and_adapter_are_listed(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["tiny", "tiny:parrot"]


def test_a_streamed_reply_is_the_whole_one(client: openai.OpenAI) -> None:
    for model in ("tiny", "tiny:parrot"):
        assert streamed(client, model) == whole(client, model)
    assert streamed(client, "tiny:parrot") != ""


def test_the_adapter_answers_differently_and_the_base_the_same_after_it(
    client: openai.OpenAI,
) -> None:
    before = whole(client, "tiny")
    assert whole(client, "tiny:parrot") != before
    assert whole(client, "tiny") == before


def test_the_reply_is_stamped_with_the_adapter_that_gave_it(
    client: openai.OpenAI, studio: Studio
) -> None:
    answer = client.chat.completions.create(
        model="tiny:parrot", messages=MESSAGES, temperature=0, max_tokens=4
    )
    assert answer.model_extra is not None
    assert answer.model_extra["adapter_studio"]["adapter_hash"] == studio.adapter.hash


@pytest.mark.parametrize("model", ["tiny:nobody", "nobody", ""])
def test_an_unknown_name_is_an_error_and_never_the_base(client: openai.OpenAI, model: str) -> None:
    with pytest.raises(openai.NotFoundError):
        whole(client, model)


def test_a_wrong_token_is_refused(studio: Studio) -> None:
    url = f"{studio.client.engine.base_url}/v1"
    with (
        openai.OpenAI(base_url=url, api_key="wrong", max_retries=0) as client,
        pytest.raises(openai.AuthenticationError),
    ):
        client.models.list()
