"""What is wrong with a plan, in the words of the person who wrote it: one sentence for every fault.

``plan/loader.py`` finds the faults of a plan's tree, whether it was read from YAML or from a workbook; here they
get their sentence.
"""

import re
import unicodedata
from collections.abc import Collection
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from plan.model import CHANNEL_SHAPE, CODE_SHAPE, KEY_SHAPE, LINE_SHAPE, TEXT_SHAPE, Plan

Loc = tuple[int | str, ...]
_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_NO_XML = "\ufffe\uffff"
"""Not characters at all: XML, and with it every workbook, has no way to hold them."""

_SAYS: dict[str, str] = {
    "missing": "没有填写；请补上",
    "unknown_field": "不是这里的栏目{near}",
    "empty": "是空的；请填写",
    "enum": "{given}不在可选之列：{words}{near}",
    CODE_SHAPE: "{given}不能作编号：只能用字母、数字、“.”和“-”，以字母或数字开头，最多32个",
    KEY_SHAPE: "{given}不能作代号：只能用小写字母、数字和“-”，以字母开头，最多64个",
    CHANNEL_SHAPE: "{given}不能作渠道名：只能用小写字母、数字、“-”和“_”，以字母开头，最多32个",
    LINE_SHAPE: "{given}须为一行文字，不能空白或换行",
    TEXT_SHAPE: "是空白；请填写文字",
    "string_type": "须为文字，不能是{given}",
    "list_type": "须为列表，不能是{given}",
    "dict_type": "须为键值，不能是{given}",
    "model_type": "须为键值，不能是{given}",
    "too_short": "是空的；至少要有一项",
    "string_too_long": "超过{max_length}个字；请精简",
    "greater_than_equal": "{given}小于{ge}",
    "less_than_equal": "{given}大于{le}",
    "int_parsing": "{given}不是整数",
    "other": "{given}不合要求（{msg}）",
    "code_prefix": "{given}须以所属问题的编号“{finding}-”开头",
    "used": "{given}与{first}重复；请改用别的编号",
    "unknown_name": "{given}不在名单“{target}”里{near}",
    "hidden": "含有不可见字符 U+{char}；请删去",
}
_VALUE_ERRORS = {
    "due_on is required for cadence once, and only there": "频次为“一次性”的须写期限，其他频次不写",
    "opens_on lies after due_on": "起始日期晚于期限",
}
"""What the models of ``plan/model.py`` say themselves, in Chinese."""


def say(code: str, **facts: object) -> str:
    """The sentence of one fault.

    Args:
        code: one of the faults above, such as ``used``.
        facts: what the sentence names.
    Returns:
        The fault and, where it is not plain, the remedy.
    """
    return _SAYS[code].format(**facts)


def of_model(error: ErrorDetails, loc: Loc) -> str:
    """What a model's complaint about the value at ``loc`` means to the person who wrote it."""
    kind, given, limits = error["type"], error["input"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return say("unknown_field", near=nearest(str(loc[-1]), _fields_at(loc[:-1])))
    if kind != "missing" and given is None:
        return say("empty")
    if kind == "enum":
        known = re.findall(r"'([^']+)'", limits["expected"])
        near = nearest(str(given), known)
        return say("enum", given=quoted(given), words=", ".join(known), near=near)
    if kind == "value_error":
        told = str(limits.get("error"))
        return shown(_VALUE_ERRORS.get(told, told), 200)
    code = limits["pattern"] if kind == "string_pattern_mismatch" else kind if kind in _SAYS else "other"
    return say(code, **limits | {"given": quoted(given), "msg": error["msg"]})


def quoted(given: Any) -> str:
    """A value as a sentence names it."""
    if isinstance(given, dict | list):
        return "一组值"
    return f"“{shown(str(given))}”"


def nearest(name: str, known: Collection[str]) -> str:
    """A question whether the one known name that is spelt nearly the same was meant, or nothing."""
    near = get_close_matches(name, known, n=1)
    if not near:
        return ""
    return f"；是否应为“{near[0]}”？"


def shown(text: str, longest: int = 60) -> str:
    """``text`` short enough for a message and on one line."""
    text = text if text.isprintable() else repr(text)[1:-1]
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def hidden(text: str) -> str | None:
    """The first character of ``text`` that controls or hides instead of showing; line ends are fine."""
    if text.isprintable():
        return None
    return next((char for char in text if char != "\n" and _hides(char)), None)


def _hides(char: str) -> bool:
    return unicodedata.category(char) in _HIDDEN or char in _NO_XML


def _fields_at(loc: Loc) -> Collection[str]:
    """The keys that the model at ``loc`` has; keys an office chooses itself (roles, units) are passed over."""
    model: type[BaseModel] = Plan
    for part in loc:
        if isinstance(part, str) and part in model.model_fields:
            model = _model_in(model.model_fields[part].annotation) or model
    return model.model_fields


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for one in get_args(annotation) if (found := _model_in(one))), None)
