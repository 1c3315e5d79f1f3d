from msgspec.structs import replace

from desktop.features.datasets.template_offers import groups_of, lacking, names_for
from engine.protocol.dataset_specs import Mapping, Template
from engine.protocol.records import GalleryTemplate
from tests.desktop.features.records import TICKETS


def entry(name: str, *expects: str, own: bool = False, text: str = "{user}") -> GalleryTemplate:
    template = Template(name, "fields", text, task="classification")
    return GalleryTemplate(template, expects=expects, own=own)


def test_what_fits_comes_first_and_the_rest_says_what_it_needs() -> None:
    rules, label = entry("Rules", "system", "user"), entry("Label", "user", "assistant")
    (group,) = groups_of((rules, label), TICKETS)
    assert group.title == "Classification"
    assert [(each.entry.template.name, each.note, each.choosable) for each in group.offers] == [
        ("Label", "fits", True),
        ("Rules", "needs a column system", False),
    ]


def test_an_own_template_can_be_chosen_so_that_it_is_made_to_fit() -> None:
    (group,) = groups_of((entry("Mine", own=True, text="{topic}: {user}"),), TICKETS)
    assert (group.title, group.offers[0].note) == ("Your own", "needs a column topic")
    assert group.offers[0].choosable


def test_a_column_of_that_name_is_enough() -> None:
    assert lacking(entry("By id", "id"), TICKETS) == ""


def test_a_conversation_fills_its_roles_without_columns() -> None:
    chats = replace(TICKETS, mapping=Mapping(convention="messages", messages="messages"))
    assert lacking(entry("x", "messages", "system", "user", "assistant"), chats) == ""
    assert lacking(entry("x", "input"), chats) == "input"


def test_raw_text_has_no_turns() -> None:
    text = replace(TICKETS, mapping=Mapping(convention="text", text="text"), columns=("text",))
    assert lacking(entry("x", "messages"), text) == "messages"
    assert lacking(entry("x", "user"), text) == "user"


def test_a_name_that_is_asked_for_first_need_not_be_there() -> None:
    template = Template("Alpaca", "jinja", "{%- if input %}{{ input }}{% endif %}{{ user }}")
    assert lacking(GalleryTemplate(template, expects=("user", "input")), TICKETS) == ""


def test_the_names_are_the_columns_and_the_parts_they_play() -> None:
    chips = names_for(replace(TICKETS, columns=("user", "topic")))
    assert chips == ("user", "topic", "system", "input", "assistant")
