import time

import pytest

from engine.datasets.jinja_template import JinjaTemplate
from engine.protocol.problems import Refused

BLOCK = "{% generation %}x{% endgeneration %}"
GIVEN = {"q": "text", "messages": [{"role": "user", "content": "Hi"}]}
DOUBLING = "{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{{ ''.__class__ }}", "unsafe"),
        ("{{ ''.__class__.__mro__ }}", "unsafe"),
        ("{{ namespace.__init__.__globals__ }}", "unsafe"),
        ("{{ self.__init__.__globals__ }}", "unsafe"),
        ("{{ q | attr('__class__') }}", "No filter"),
        ("{% set ns = namespace(__class__=1) %}", "underscore"),
        ("{{ messages.append(1) }}", "unsafe"),
        ("{% include 'other' %}", "no loader"),
        ("{% for i in range(10**9) %}{% endfor %}", "longer"),
        ("{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}", "steps"),
        ("{% macro f() %}{{ f() }}{{ f() }}{% endmacro %}{{ f() }}", "without end"),
        ("{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}", "recursive"),
        ("{{ 'a' * 10**10 }}", "steps|longer"),
        ("{{ [0] * 10**9 }}", "steps|longer"),
        ("{{ 9 ** (9 ** 9) }}", "too large"),
        ("{{ 'x'.ljust(10**9) }}", "unsafe"),
        ("{{ '%999999999d' % 1 }}", "for numbers"),
        ("{{ '{:999999999d}'.format(1) }}", "unsafe"),
        ("{{ q | center(10**9) }}", "No filter"),
        ("{{ ('a' * 3000000).replace('a', 'a' * 3000000) }}", "longer"),
        ("{{ (['a' * 1000000] * 9) | join }}", "longer"),
        ("{{ 'bb'.join(['a' * 1000000] * 9) }}", "longer"),
        ("{% set ns = namespace(x='a' * 99) %}{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}"
         "{% endfor %}", "longer"),
        ("{% for i in range(1000) %}{{ 'x' * 10000 }}{% endfor %}", "longer"),
        ("{% set y %}{% for i in range(1000) %}{{ 'x' * 10000 }}{% endfor %}{% endset %}",
         "longer"),
        ("{% set ns = namespace(x=[1]) %}" + DOUBLING + "{{ ns.x | tojson }}", "steps"),
        ("{% set ns = namespace(x=[1]) %}" + DOUBLING + "{{ ns.x }}", "tojson"),
        ("{{ " + "[" * 5000 + " }}", "nested too deeply"),
        ("{{ 1 / 0 }}", "division by zero"),
        ("{{ q.more.still }}", "has no attribute"),
        ("{% generation %}" + BLOCK + "{% endgeneration %}", "inside another"),
    ],
)  # fmt: skip
def test_a_hostile_template_is_refused_in_time(text: str, reason: str) -> None:
    started = time.monotonic()
    with pytest.raises(Refused, match=reason):
        JinjaTemplate(text + BLOCK).pieces(GIVEN)
    assert time.monotonic() - started < 20  # seconds, on a busy machine


def test_a_fault_in_rendering_names_its_line() -> None:
    with pytest.raises(Refused, match="Line 3 of the template: division by zero"):
        JinjaTemplate(f"{{{{ q }}}}\n\n{{{{ 1 / 0 }}}}{BLOCK}").pieces(GIVEN)


def test_a_text_is_refused_by_the_template_itself() -> None:
    with pytest.raises(Refused, match="Roles must alternate"):
        JinjaTemplate("{{ raise_exception('Roles must alternate') }}" + BLOCK).pieces(GIVEN)


def test_each_rendering_has_its_own_steps() -> None:
    template = JinjaTemplate("{% for i in range(300000) %}{% endfor %}" + BLOCK)
    for _ in range(4):
        assert template.pieces(GIVEN)[1].text == "x"


def test_marks_inside_macros_and_captured_text_are_found() -> None:
    template = JinjaTemplate(
        "{% macro say(t) %}{% generation %}{{ t }}{% endgeneration %}{% endmacro %}"
        "{% set whole %}A {{ say('b') }} C{% endset %}{{ whole | trim }}"
    )
    assert [(piece.text, piece.loss) for piece in template.pieces(GIVEN)] == [
        ("A ", False), ("b", True), (" C", False),
    ]  # fmt: skip


def test_what_chat_templates_use_works() -> None:
    template = JinjaTemplate(
        "{%- set ns = namespace(n=0) %}{% for m in messages if m.role != 'tool' %}"
        "{% set ns.n = ns.n + 1 %}{{ loop.index0 ~ m['role'] | upper + (m.content | trim) }}"
        "{% if not loop.last %}{% continue %}{% endif %}{% endfor %}"
        "{{ messages | selectattr('role', 'equalto', 'user') | map(attribute='content') | join('/')"
        " }}{{ {'a': 'é<'} | tojson }}{% if tools is defined and tools %}?{% endif %}"
        "{{ messages[0].none }}"
        "{{ 'a</think>b'.split('</think>')[-1].lstrip('\n') }}{{ ns.n }}" + BLOCK
    )
    assert template.pieces(GIVEN)[0].text == '0USERHiHi{"a": "é<"}b1'
