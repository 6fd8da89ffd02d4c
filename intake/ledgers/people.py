"""Who stands in a cell: units, the lead first and those that assist; people without their telephone numbers."""

import re
from functools import lru_cache

from intake.ledgers.items import split_items
from intake.normalise import compatible, one_line

_IN_BRACKETS = r"(?![^（(\n]{0,60}[)）])"
_BETWEEN = re.compile(
    rf"(?:[、，,；;/\n|]+|(?<!^)[+＋]|(?<=[局科室办处委心司站所队部股院校镇乡道会组厅馆]) +(?=\S\S)){_IN_BRACKETS}"
)
"""What parts names, unless it stands in brackets; a space only after what ends like a unit: 张 三 is one person."""
_PHONE = re.compile(r"(?:\+?86-?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}|(?:\(0\d{2,3}\)|0\d{2,3}[- ]?)\d{7,8}|\d[\d-]{4,}\d")
_CALLED = re.compile(r"(?:联系|办公)?(?:电话号码|手机号码|电话|手机|短号)[\s:：]*(?=$|[、，,；;\n)）])")
_EMPTY_BRACKETS = re.compile(r"[(（][\s、]*[)）]")
_LABEL = re.compile(r"(?:(?<=[、，,；;\n ])|^)(?:责任人|联系人|经办人|负责人|承办人|联络员|牵头人)[:：]\s*")
_DUTIES = re.compile(r"(?:分别)?(?:按照?|根据|依)(?:各自)?职责(?:分工)?(?:负责|落实|抓好落实)?")
_LEADS, _ASSISTS = "牵头|主办|负责", "配合|协办|参与|协助"
_UNIT = "(?:单位|部门|科室|处室)?"
_LEADING = re.compile(rf"(?:{_LEADS}|责任|承办){_UNIT}[:：]")
_ASSISTING = re.compile(rf"(?:{_ASSISTS}){_UNIT}[:：]")
_SAID_AFTER = re.compile(
    rf"(?P<lead>[^:：]+?)为?(?:{_LEADS}){_UNIT}[，,；;、\s]*(?P<assisting>[^:：]+?)为?(?:{_ASSISTS}){_UNIT}"
)
"""办公室牵头，财务科、人事科配合."""
_IN_BRACKETS_ASSISTS = re.compile(rf"(?P<lead>[^（(:：]+)[（(](?P<assisting>[^）)]+?)(?:{_ASSISTS})[)）]")
"""办公室（财务科、人事科配合）."""
_ROLE = re.compile(rf"[（(](?:{_LEADS}|{_ASSISTS}){_UNIT}[)）]")

_LONGEST = 300
"""Characters of a cell that says of its units what each does."""
_RECALLED = 1024
"""Cells that are remembered: the same offices and people stand on row after row."""


def names_of(text: str) -> tuple[str, ...]:
    """Units or people, each once, in order, without the numbers that count them."""
    if not text:
        return ()
    counted = "\n".join(item.text for item in split_items(text))
    return tuple(dict.fromkeys(name for one in _BETWEEN.split(counted) if (name := one_line(one).strip(" 。."))))


@lru_cache(_RECALLED)
def people_of(text: str) -> str | None:
    """Names without telephone numbers, joined by ``、``; None where no name is left."""
    if not text:
        return None
    counted = "\n".join(item.text for item in split_items(text))
    spoken = _CALLED.sub("", _PHONE.sub("、", compatible(counted)))
    return "、".join(names_of(_LABEL.sub("", _EMPTY_BRACKETS.sub("", spoken)))) or None


@lru_cache(_RECALLED)
def units_of(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The units of a cell, the lead first, and those that it names as assisting: ``牵头：办公室；配合：财务科``."""
    text = _DUTIES.sub("", text)
    short = text if len(text) <= _LONGEST else ""
    if said := _SAID_AFTER.fullmatch(short) or _IN_BRACKETS_ASSISTS.fullmatch(short):
        return names_of(said["lead"]), names_of(said["assisting"])
    leading, *helping = _ASSISTING.split(_ROLE.sub("", text))
    helpers = (name for part in helping for name in names_of(part))
    return names_of(_LEADING.sub("\n", leading)), tuple(helpers)
