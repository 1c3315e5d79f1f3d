import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.datasets.personal_data import masked, personal_data

EMAILS = [
    "ann@example.com",
    "ann.lee+news@mail.example.co.uk",
    "o_neil-99@sub.domain.example",
    "jürgen.müller@firma-köln.de",
    "иван@почта.рф",
]
PHONES = [
    "+1 212-555-0134",
    "+1 (555) 123-4567",
    "+12125550134",
    "+44 20 7946 0958",
    "+44 (0)20 7946 0958",
    "+49 151 23456789",
    "+49 (0) 30 901820",
    "+33 1 42 68 53 00",
    "+34 612 34 56 78",
    "+39 06 69812345",
    "+380 67 123 45 67",
    "+380671234567",
    "+7 916 123-45-67",
    "+48 601 234 567",
    "+81 3-1234-5678",
    "+82 10-1234-5678",
    "+86 138 0013 8000",
    "+91 98765 43210",
    "+55 11 91234-5678",
    "+52 55 1234 5678",
    "+61 2 9374 4000",
    "+27 21 123 4567",
    "+234 803 123 4567",
    "+254 712 345678",
    "+971 50 123 4567",
    "+972 50-234-5678",
    "+41-44-668-1800",
    "0049 151 23456789",
    "(212) 555-0134",
    "212-555-0134",
    "212.555.0134",
    "1-800-356-9377",
    "555-123-4567",
    "(11) 91234-5678",
    "(044) 123-45-67",
]
ANNOUNCED = [
    "Tel: 020 7946 0958",
    "Tel. 030/901820",
    "Telefon: 0151 23456789",
    "Phone 07400 123456",
    "Téléphone : 01 42 68 53 00",
    "Handy 0151-23456789",
    "móvil 612 34 56 78",
    "тел. 067 123 45 67",
    "тел: 8 (916) 123-45-67",
    "電話: 03-1234-5678",
    "电话:13800138000",
    "전화 010-1234-5678",
    "call me on 98765 43210",
    "My number is 2125550134",
]
CARDS = [
    "4111 1111 1111 1111",
    "4111111111111111",
    "4111-1111-1111-1111",
    "5555555555554444",
    "2223003122003222",
    "3782 822463 10005",
    "378282246310005",
    "6011111111111117",
    "3530111333300000",
    "30569309025904",
]
IBANS = [
    "DE89 3704 0044 0532 0130 00",
    "DE89370400440532013000",
    "GB29 NWBK 6016 1331 9268 19",
    "FR14 2004 1010 0505 0001 3M02 606",
    "NO93 8601 1117 947",
    "MT84MALT011000012345MTLCAST001S",
    "UA213223130000026007233566001",
    "SA03 8000 0000 6080 1016 7519",
    "BR1800360305000010009795493C1",
    "PL61 1090 1014 0000 0712 1981 2874",
]
NOTHING = [
    "order 8812345",
    "invoice 2024-000123-77",
    "2024-01-31",
    "2024-01-31 12:45:10",
    "2024-01-31T12:45:10+02:00",
    "31.01.2024 10:00",
    "01/02/2024 03/04/2025",
    "12:30-13:30 01.02.2024",
    "phone bill of 2024-01-31 12:45",
    "fax 2024-01-31 10:45:00",
    "order 0151 23456789",
    "номер заказа 8812345678",
    "item 020 7946 0958 in stock",
    "1,234,567",
    "£1,234,567.89",
    "1234567890",
    "123 456 789 012",
    "1 2 3 4 5 6 7 8 9 10",
    "the numbers 212 555 0134 are odd",
    "v1.2.3",
    "version 10.15.7.20340",
    "d41d8cd98f00b204e9800998ecf8427e",
    "550e8400-e29b-41d4-a716-446655440000",
    "12345678-1234-1234-1234-123456789012",
    '{"id": 1234567890123, "at": 1706700000}',
    "[0.1234567, 0.2345678]",
    "x = 3.141592653589793",
    "Decimal('+35236450.6')",
    "3+12125550134",
    "0x7fffffffffff",
    "0069 0307 0301",
    "192.168.100.200",
    "10.0.0.1:8080",
    "lat 52.520008, long 13.404954",
    "ISBN 978-3-16-148410-0",
    "9783161484100",
    "tracking 1Z999AA10123456784",
    "snowflake 1145141919810893931",
    "for i in range(1000000000):",
    "call sum(1234567890)",
    "@@ -123,7 +123,9 @@",
    "4111 1111 1111 1112",
    "4111111111111112",
    "1234 5678 9012 3456",
    "0000 0000 0000 0000",
    "SKU-4111111111111111",
    "0.4111111111111111",
    "DE89 3704 0044 0532 0130 01",
    "GB00 ABCD",
    "MY12 NAME IS LONG TEXT HERE",
    "@app.route('/x')",
    "npm install left-pad@1.3.0",
    "numpy@latest",
    "icon@2x.png",
    "git@github.com:org/repo.git",
    "postgres://user:secret@db.example.com/x",
    "user@localhost",
    "a @ b",
    "@media (max-width: 1200px)",
]
SENTENCES = ["{}", "Please write to {}, or to nobody.", '{{"contact": "{}"}}', "<{}>", "a\n{}\nb"]


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize(
    ("kind", "example"),
    [
        *(("email", email) for email in EMAILS),
        *(("phone", phone) for phone in PHONES),
        *(("card", card) for card in CARDS),
        *(("iban", iban) for iban in IBANS),
    ],
)
def test_personal_data_is_masked_wherever_it_stands(kind: str, example: str, sentence: str) -> None:
    assert masked(sentence.format(example)) == sentence.format(f"[{kind}]")


@pytest.mark.parametrize("text", ANNOUNCED)
def test_a_number_is_a_telephone_number_after_a_word_that_says_so(text: str) -> None:
    assert masked(f"Hello. {text}").endswith("[phone]")


@pytest.mark.parametrize("text", NOTHING)
def test_other_numbers_and_signs_raise_no_alarm(text: str) -> None:
    assert personal_data(text) == []
    assert masked(f"It says {text} there.") == f"It says {text} there."


def test_spans_tell_kinds_in_the_order_of_the_text() -> None:
    text = (
        "Ann Lee (ann@example.com, +44 20 7946 0958) paid with 4111 1111 1111 1111"
        " from DE89 3704 0044 0532 0130 00 BIC COBADEFFXXX on 2024-01-31."
    )
    spans = personal_data(text)
    assert [(span.kind, text[span.start : span.end]) for span in spans] == [
        ("email", "ann@example.com"),
        ("phone", "+44 20 7946 0958"),
        ("card", "4111 1111 1111 1111"),
        ("iban", "DE89 3704 0044 0532 0130 00"),
    ]
    assert masked(text) == (
        "Ann Lee ([email], [phone]) paid with [card] from [iban] BIC COBADEFFXXX on 2024-01-31."
    )


def test_a_date_after_a_number_is_no_part_of_it() -> None:
    assert masked("+44 20 7946 0958 2024-01-31") == "[phone] 2024-01-31"


PIECES = st.sampled_from([*EMAILS, *PHONES, *CARDS, *IBANS, *NOTHING, "+", "(", "00 ", "\n", "@"])


@given(st.lists(PIECES | st.text(max_size=5), max_size=8))
def test_spans_lie_apart_and_masking_leaves_nothing_to_mask(pieces: list[str]) -> None:
    text = " | ".join(pieces)
    spans = personal_data(text)
    ends = [0, *(span.end for span in spans)]
    assert all(end <= span.start < span.end for end, span in zip(ends, spans, strict=False))
    assert ends[-1] <= len(text)
    assert personal_data(masked(text)) == []


@pytest.mark.parametrize(
    "text",
    ["1" * 200_000, "1 " * 100_000, "a" * 200_000 + "@", "a@" * 100_000, "+1" * 100_000,
     "AA11 " * 40_000, "(" * 200_000, "1 -( " * 40_000, "ann@x.org " * 20_000],
    ids=["digits", "spaced", "letters", "ats", "plus", "iban", "brackets", "gaps", "emails"],
)  # fmt: skip
def test_hostile_texts_take_linear_time(text: str) -> None:
    """A quadratic pattern would need minutes for 200,000 characters."""
    started = time.process_time()
    personal_data(text)
    assert time.process_time() - started < 10
