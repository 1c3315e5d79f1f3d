import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.datasets.language_names import LANGUAGE_NAMES, SAME_AS
from engine.datasets.languages import (
    LanguageCensus,
    Languages,
    OtherLanguage,
    language_name,
    languages,
)

SENTENCES = {
    "en": "The meeting has been moved to Thursday afternoon, so bring the printed agenda.",
    "de": "Die Besprechung wurde auf Donnerstagnachmittag verschoben, bringen Sie Papier mit.",
    "fr": "La réunion a été reportée à jeudi après-midi, apportez donc l'ordre du jour imprimé.",
    "es": "La reunión se ha trasladado al jueves por la tarde, así que traiga los papeles.",
    "pt": "A reunião foi adiada para quinta-feira à tarde, por isso traga a agenda impressa.",
    "it": "La riunione è stata spostata a giovedì pomeriggio, quindi portate l'ordine del giorno.",
    "nl": "Vergeet niet dat we morgen vroeg moeten opstaan, want de trein vertrekt om zes uur.",
    "pl": "Spotkanie zostało przeniesione na czwartek po południu, proszę zabrać porządek obrad.",
    "uk": "Зустріч перенесли на четвер по обіді, тож візьміть із собою порядок денний.",
    "ru": "Завтра утром мы поедем на вокзал, потому что поезд отправляется очень рано.",
    "el": "Η συνάντηση μεταφέρθηκε για το απόγευμα της Πέμπτης, γι' αυτό φέρτε χαρτιά.",
    "tr": "Toplantı perşembe öğleden sonraya alındı, bu yüzden gündemi yanınızda getirin.",
    "ar": "تم تأجيل الاجتماع إلى بعد ظهر يوم الخميس، لذا يرجى إحضار جدول الأعمال المطبوع.",
    "he": "הפגישה הועברה ליום חמישי אחר הצהריים, אז נא להביא את סדר היום המודפס.",
    "hi": "भारत एक विशाल देश है और यहाँ अनेक भाषाएँ बोली जाती हैं, इसलिए लोग सीखते हैं।",
    "ja": "会議は木曜日の午後に変更されましたので、印刷した議題をお持ちください。",
    "zh": "会议已改到星期四下午，请带上打印好的议程和问题清单。",
    "ko": "회의가 목요일 오후로 변경되었으니 인쇄된 안건을 가져오시기 바랍니다.",
    "vi": "Cuộc họp đã được chuyển sang chiều thứ Năm, vì vậy hãy mang theo chương trình.",
    "hr": "Sastanak je pomaknut na četvrtak poslijepodne, zato ponesite ispisani dnevni red.",
    "no": "Møtet er flyttet til torsdag ettermiddag, så ta med den utskrevne dagsordenen.",
    "id": "Rapat telah dipindahkan ke Kamis sore, jadi bawalah agenda yang sudah dicetak.",
}
NO_PROSE = [
    "",
    "Yes, of course.",
    "42",
    "你好",
    '{"name": "Besprechung", "when": "Donnerstag", "bring": ["Tagesordnung", "Fragen"]}',
    "https://example.com/die-besprechung-wurde-auf-donnerstagnachmittag-verschoben",
    "def total(values):\n    return sum(value for value in values if value is not None)",
    "SELECT name, email FROM customers WHERE id = 12 AND (active = 1 OR vip = 1);",
    "```\nDie Besprechung wurde auf Donnerstagnachmittag verschoben, bringen Sie Papier\n```",
    "d41d8cd98f00b204e9800998ecf8427e 550e8400-e29b-41d4-a716-446655440000 1234567890",
    "<div class='a'><span>Ja</span></div><p><b>Nein</b></p><table><tr><td>1</td></tr></table>",
    "ann@example.com bob@example.com carol@example.com dave@example.com erin@example.com",
    "......!!!???......     ,,,,,,,,   ;;;;;;;;;;;;;   ------------",
]


@pytest.fixture(scope="module")
def census() -> LanguageCensus:
    return LanguageCensus()


@pytest.mark.parametrize("code", SENTENCES)
def test_a_sentence_is_recognised(census: LanguageCensus, code: str) -> None:
    assert census.language(SENTENCES[code]) == code


@pytest.mark.parametrize("text", NO_PROSE)
def test_what_is_no_prose_or_too_short_has_no_language(census: LanguageCensus, text: str) -> None:
    assert census.language(text) == ""


def test_code_in_a_text_is_overlooked(census: LanguageCensus) -> None:
    text = f"{SENTENCES['de']}\n```python\nfor value in the_values: print(value)\n```"
    assert census.language(text) == "de"


@given(text=st.text(max_size=300))
def test_any_text_is_read(census: LanguageCensus, text: str) -> None:
    assert census.language(text) in {"", *LANGUAGE_NAMES}
    assert census.language(text + "\ud800") in {"", *LANGUAGE_NAMES}


def test_rows_in_another_language_than_most_are_named() -> None:
    rows = [(number, SENTENCES["en"]) for number in range(1, 20)]
    rows += [(30, SENTENCES["uk"]), (21, SENTENCES["de"]), (22, "Ok."), (23, "{}")]
    found = languages(rows)
    assert found == Languages("en", 19 / 21, (OtherLanguage(21, "de"), OtherLanguage(30, "uk")))


def test_a_dataset_of_several_languages_names_no_rows() -> None:
    rows = [(number, SENTENCES["en"]) for number in range(7)]
    rows += [(number, SENTENCES["de"]) for number in range(7, 10)]
    assert languages(rows) == Languages("en", 0.7, ())


def test_rows_without_prose_have_no_main_language() -> None:
    assert languages(enumerate(NO_PROSE)) == Languages("", 0.0, ())
    assert languages([]) == Languages("", 0.0, ())


def test_progress_is_told_while_the_texts_stream() -> None:
    told: list[int] = []
    languages(((number, "Ok.") for number in range(2500)), progress=told.append)
    assert told == [1000, 2000]


def test_every_language_that_can_be_recognised_has_a_name(census: LanguageCensus) -> None:
    assert language_name("uk") == "Ukrainian"
    assert language_name("gd") == "Scottish Gaelic"
    assert language_name("xx") == "xx"
    assert set(SAME_AS.values()) <= set(LANGUAGE_NAMES)
    assert set(census.recognised) == set(LANGUAGE_NAMES)


def test_an_enormous_text_is_recognised_by_its_beginning(census: LanguageCensus) -> None:
    started = time.process_time()
    assert census.language((SENTENCES["de"] + " ") * 100_000) == "de"
    census.language("<" * 1_000_000)
    census.language("a@" * 1_000_000)
    assert time.process_time() - started < 2


def test_the_checks_load_nothing_heavy_before_they_are_used() -> None:
    script = (
        "import sys, engine.datasets.languages, engine.datasets.near_duplicates,"
        " engine.datasets.personal_data\n"
        "heavy = {'numpy', 'py3langid', 'rensa', 'phonenumbers', 'stdnum'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
