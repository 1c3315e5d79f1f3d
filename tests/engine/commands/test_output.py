import pytest

from engine.commands.figures import count, duration, size, swap
from engine.commands.output import print_table, visible


def test_control_characters_of_foreign_text_cannot_steer_the_terminal() -> None:
    assert visible("a\x1b[2Jb\x07\u202ec\td\n") == "a\\x1b[2Jb\\x07\\u202ec\td\n"
    assert visible("Grüße 漢字 🙂") == "Grüße 漢字 🙂"


def test_foreign_text_is_no_markup_in_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(["Name", "Size>"], [["[red]x[/red] :smile:", "1"]])
    assert "[red]x[/red] :smile:" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (size(0), "0 bytes"),
        (size(538_090_000), "538 MB"),
        (size(9_800_000), "9.8 MB"),
        (count(4), "4"),
        (count(8_192), "8,192"),
        (count(134_515_008), "135 M"),
        (swap(0.0008), "0.8 µs"),
        (swap(3.14), "3.1 ms"),
        (duration(4.26), "4.3 s"),
        (duration(80), "1 min 20 s"),
        (duration(7_260), "2 h 1 min"),
    ],
)
def test_figures_read_naturally(made: str, expected: str) -> None:
    assert made == expected
