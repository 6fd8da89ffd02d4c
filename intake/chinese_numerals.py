"""Chinese numerals both ways: 五, 十五, 廿五, 二〇二五 and 一百二十 are read, 二十一 and 贰拾壹 are written."""

import re

_DIGITS = {char: value for value, chars in enumerate(("〇零○", "一", "二两", "三", *"四五六七八九")) for char in chars}
_TENS = {"廿": 20, "卅": 30}
_DATE = re.compile(
    "(?P<年>二[〇零○][〇零○一二三四五六七八九]{2})年(?P<月>十?[一二]|[三四五六七八九十])月(?P<日>[一二三]?十?[一二三四五六七八九]|[一二三]?十)日"
)
_WEIGHTS = {"十": 10, "百": 100}
_WRITTEN = "零一二三四五六七八九"
_LEGAL = "零壹贰叁肆伍陆柒捌玖"


def numeral_value(written: str) -> int:
    """The value of a number in ASCII digits or Chinese numerals. Raises ValueError for anything else."""
    if written.isdecimal():
        return int(written)
    unknown = [char for char in written if char not in _DIGITS and char not in _TENS and char not in _WEIGHTS]
    if unknown or not written:
        raise ValueError(f"{written!r} is no number")
    if all(char in _DIGITS for char in written):
        return int("".join(str(_DIGITS[char]) for char in written))
    return _weighed(written)


def dates_in_digits(text: str) -> str:
    """The text with its full dates in digits, as signatures are often written: 二〇二五年五月八日 is 2025年5月8日."""
    return _DATE.sub(lambda date: "".join(f"{numeral_value(date[unit])}{unit}" for unit in ("年", "月", "日")), text)


def _weighed(written: str) -> int:
    total = pending = 0
    for char in written:
        if weight := _WEIGHTS.get(char):
            total += (pending or 1) * weight
            pending = 0
        elif char in _TENS:
            total += _TENS[char]
        else:
            pending = _DIGITS[char]
    return total + pending


def chinese_numeral(number: int) -> str:
    """A number from 1 to 9 999 as people count: 十, 二十一, 一百零五; any other in digits."""
    text = _with_units(number, _WRITTEN, ("", "十", "百", "千"))
    return text[1:] if 10 <= number < 20 else text


def legal_numeral(number: int) -> str:
    """A number from 1 to 9 999 as contracts write it: 壹拾, 贰拾壹; any other in digits."""
    return _with_units(number, _LEGAL, ("", "拾", "佰", "仟"))


def _with_units(number: int, digits: str, units: tuple[str, ...]) -> str:
    if not 0 < number < 10_000:
        return str(number)
    places = [(int(digit), unit) for digit, unit in zip(str(number)[::-1], units, strict=False)][::-1]
    text = "".join(digits[digit] + unit if digit else digits[0] for digit, unit in places)
    while digits[0] * 2 in text:
        text = text.replace(digits[0] * 2, digits[0])
    return text.rstrip(digits[0])
