import pytest

from engine.commands.names import find, find_adapter
from engine.protocol.problems import Refused
from engine.protocol.records import Adapter, BaseModel


def model(identity: str, name: str) -> BaseModel:
    return BaseModel(id=identity, name=name, path="", source="folder")


def adapter(identity: str, name: str, version: int) -> Adapter:
    return Adapter(id=identity, name=name, version=version, path="", hash="")


MODELS = [model("abcd" + "0" * 28, "Small"), model("abce" + "0" * 28, "Large")]


@pytest.mark.parametrize("text", ["Small", "small", "abcd" + "0" * 28, "abcd0"])
def test_a_record_is_found_by_name_in_any_case_by_id_and_by_its_beginning(text: str) -> None:
    assert find("base model", MODELS, text) is MODELS[0]


def test_a_name_wins_over_the_beginning_of_an_id() -> None:
    named = model("f" * 32, "abcd")
    assert find("base model", [*MODELS, named], "abcd") is named


def test_a_beginning_that_fits_two_ids_names_both() -> None:
    twins = [model("abcd1" + "0" * 27, "One"), model("abcd2" + "0" * 27, "Two")]
    with pytest.raises(Refused) as caught:
        find("base model", twins, "abcd")
    assert caught.value.problem.code == "base-model.ambiguous"
    assert "One" in caught.value.problem.hint
    assert "Two" in caught.value.problem.hint


@pytest.mark.parametrize("text", ["abc", "Medium", ""])
def test_an_unknown_name_lists_what_there_is(text: str) -> None:
    with pytest.raises(Refused) as caught:
        find("base model", MODELS, text)
    assert caught.value.problem.hint == "There are: Large, Small."


def test_an_adapter_s_name_means_its_newest_version() -> None:
    versions = [adapter("1" * 32, "mine", 1), adapter("2" * 32, "mine", 2)]
    assert find_adapter(versions, "mine").version == 2
    assert find_adapter(versions, "mine v1").version == 1
    assert find_adapter(versions, "1111").version == 1
