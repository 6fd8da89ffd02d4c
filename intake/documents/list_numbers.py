"""The numbers of automatic lists as Word and a browser write them: 1, 一, ①, iv, 甲, B."""

from collections.abc import Callable

from intake.chinese_numerals import chinese_numeral, legal_numeral

_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_ROMAN = tuple(
    zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ("m", "cm", "d", "cd", "c", "xc", "l", "xl", "x", "ix", "v", "iv", "i"),
        strict=True,
    )
)


def _decimal(number: int) -> str:
    return str(number)


def _digit_by_digit(number: int) -> str:
    return str(number).translate(str.maketrans("0123456789", "〇一二三四五六七八九"))


def _full_width(number: int) -> str:
    return str(number).translate(str.maketrans("0123456789", "０１２３４５６７８９"))


def _letter(number: int) -> str:
    """a … z, aa, bb … as Word does it; far beyond any list, decimal."""
    if not 0 < number <= 26 * 10:
        return _decimal(number)
    return chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)


def _roman(number: int) -> str:
    if not 0 < number < 4_000:
        return _decimal(number)
    text = ""
    for value, sign in _ROMAN:
        count, number = divmod(number, value)
        text += sign * count
    return text


def _cycle(signs: str) -> Callable[[int], str]:
    return lambda number: signs[(number - 1) % len(signs)] if number > 0 else _decimal(number)


def _block(*blocks: tuple[int, int, str]) -> Callable[[int], str]:
    """Signs that stand in a row in Unicode: (first number, last number, sign of the first); else decimal."""

    def write(number: int) -> str:
        fits = (chr(ord(sign) + number - first) for first, last, sign in blocks if first <= number <= last)
        return next(fits, _decimal(number))

    return write


_FORMATS: dict[str, Callable[[int], str]] = {
    "none": lambda _number: "",
    "decimalZero": lambda number: f"{number:02d}",
    "decimalFullWidth": _full_width,
    "decimalFullWidth2": _full_width,
    "upperLetter": lambda number: _letter(number).upper(),
    "lowerLetter": _letter,
    "upperRoman": lambda number: _roman(number).upper(),
    "lowerRoman": _roman,
    "chineseCounting": chinese_numeral,
    "chineseCountingThousand": chinese_numeral,
    "taiwaneseCounting": chinese_numeral,
    "taiwaneseCountingThousand": chinese_numeral,
    "japaneseCounting": chinese_numeral,
    "chineseLegalSimplified": legal_numeral,
    "ideographDigital": _digit_by_digit,
    "japaneseDigitalTenThousand": _digit_by_digit,
    "taiwaneseDigital": _digit_by_digit,
    "ideographTraditional": _cycle(_STEMS),
    "ideographZodiac": _cycle(_BRANCHES),
    "decimalEnclosedCircle": _block((1, 20, "①"), (21, 35, "㉑"), (36, 50, "㊱")),
    "decimalEnclosedCircleChinese": _block((1, 20, "①"), (21, 35, "㉑"), (36, 50, "㊱")),
    "decimalEnclosedParen": _block((1, 20, "⑴")),
    "decimalEnclosedFullstop": _block((1, 20, "⒈")),
    "ideographEnclosedCircle": _block((1, 10, "㊀")),
    "ideographParenthesized": _block((1, 10, "㈠")),
}


def write_number(number: int, format_: str) -> str:
    """A list's number in one of Word's formats (``w:numFmt``); a format not known here comes out decimal."""
    return _FORMATS.get(format_, _decimal)(number)


def join_label(label: str, text: str, parted: bool = True) -> str:
    """The number before its text; parted by a space unless it ends in a mark that parts by itself."""
    return f"{label} {text}" if parted and label and not label.endswith(tuple("、．）)】〕")) else label + text
