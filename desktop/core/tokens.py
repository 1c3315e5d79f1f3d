"""The one table of colours, type and sizes; everything drawn takes its values from here."""

from typing import Literal, NamedTuple, get_args

Token = Literal[
    "chrome",
    "side",
    "editor",
    "raised",
    "sunken",
    "hover",
    "sel",
    "selActive",
    "line",
    "lineStrong",
    "grid",
    "track",
    "text",
    "text2",
    "text3",
    "disabled",
    "accent",
    "accentSoft",
    "button",
    "buttonHover",
    "onButton",
    "ok",
    "okSoft",
    "warn",
    "warnSoft",
    "err",
    "errSoft",
    "violet",
    "violetSoft",
    "teal",
    "tealSoft",
    "orange",
    "orangeSoft",
]
TOKENS: tuple[Token, ...] = get_args(Token)

DARK: dict[Token, str] = {
    "chrome": "#121316",
    "side": "#16171A",
    "editor": "#1B1C20",
    "raised": "#222429",
    "sunken": "#16171A",
    "hover": "#26282E",
    "sel": "#2B2E35",
    "selActive": "#22304C",
    "line": "#2A2C32",
    "lineStrong": "#3C3F47",
    "grid": "#25272C",
    "track": "#34373F",
    "text": "#E8E9EC",
    "text2": "#B0B4BD",
    "text3": "#878C97",
    "disabled": "#5A5F69",
    "accent": "#7AA5FF",
    "accentSoft": "#202B42",
    "button": "#3A6BDB",
    "buttonHover": "#4778E6",
    "onButton": "#FFFFFF",
    "ok": "#5DBB8C",
    "okSoft": "#1B2C26",
    "warn": "#E2AE55",
    "warnSoft": "#302817",
    "err": "#F2797A",
    "errSoft": "#382124",
    "violet": "#B19CF7",
    "violetSoft": "#2A2640",
    "teal": "#55BDB7",
    "tealSoft": "#1A2E30",
    "orange": "#E6995F",
    "orangeSoft": "#33271E",
}

LIGHT: dict[Token, str] = {
    "chrome": "#EFF0F2",
    "side": "#F6F7F8",
    "editor": "#FFFFFF",
    "raised": "#FFFFFF",
    "sunken": "#F6F7F8",
    "hover": "#ECEEF1",
    "sel": "#E6E8EC",
    "selActive": "#DEE9FD",
    "line": "#E2E4E8",
    "lineStrong": "#C6CAD1",
    "grid": "#EDEEF1",
    "track": "#E0E3E8",
    "text": "#1B1D22",
    "text2": "#4D535E",
    "text3": "#656B77",
    "disabled": "#A3A8B2",
    "accent": "#1F5FD6",
    "accentSoft": "#E9F0FE",
    "button": "#2A63D4",
    "buttonHover": "#1F55C0",
    "onButton": "#FFFFFF",
    "ok": "#18724A",
    "okSoft": "#E5F4EC",
    "warn": "#8F5B00",
    "warnSoft": "#FBF1DC",
    "err": "#C2303A",
    "errSoft": "#FCE9EA",
    "violet": "#6A47D1",
    "violetSoft": "#EFEBFC",
    "teal": "#0E7672",
    "tealSoft": "#E1F3F2",
    "orange": "#A84E12",
    "orangeSoft": "#FBEBDF",
}


class TypeStyle(NamedTuple):
    size: int  # px at 100 %
    line: int
    weight: int
    mono: bool = False
    tracking: float = 0  # letter spacing, per cent


Role = Literal[
    "welcome", "page", "card", "lead", "section", "body", "name", "chat", "meta", "label",
    "small", "small-bold", "mono", "mono-small",
]  # fmt: skip

TYPE: dict[Role, TypeStyle] = {
    "welcome": TypeStyle(28, 36, 600, tracking=-1.5),
    "page": TypeStyle(18, 24, 600, tracking=-1),
    "card": TypeStyle(15, 20, 600),
    "lead": TypeStyle(15, 20, 400),
    "section": TypeStyle(13, 20, 600),
    "body": TypeStyle(13, 20, 400),
    "name": TypeStyle(13, 20, 500),
    "chat": TypeStyle(13, 21, 400),
    "meta": TypeStyle(12, 16, 400),
    "label": TypeStyle(12, 16, 500),
    "small": TypeStyle(11, 16, 400),
    "small-bold": TypeStyle(11, 16, 600),
    "mono": TypeStyle(12, 18, 400, mono=True),
    "mono-small": TypeStyle(11, 16, 400, mono=True),
}
