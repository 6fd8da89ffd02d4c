"""Numbers as notices write them: 5, ５ (folded before), 五, 十五, 二十五, 廿五, 二〇二五, 一百二十."""

_DIGITS = {char: value for value, chars in enumerate(("〇零○", "一", "二两", "三", *"四五六七八九")) for char in chars}
_TENS = {"廿": 20, "卅": 30}
_WEIGHTS = {"十": 10, "百": 100}


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
