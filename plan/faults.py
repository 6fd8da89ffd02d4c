"""What is wrong with a file an office wrote, in the words of the person who wrote it: one sentence for every fault.

The models say what they need (``plan/model.py``, ``plan/policy.py`` and those of the other rooms); here their
complaints get their sentence, whether the tree was read from YAML, from a workbook or from the environment.
"""

import re
from collections.abc import Collection, Iterator
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from plan.model import CHANNEL_SHAPE, CODE_SHAPE, KEY_SHAPE, LINE_SHAPE, RUNG_KEY_SHAPE, TEXT_SHAPE
from text.clean import spelt_out

Loc = tuple[int | str, ...]
"""A place in a tree: keys and places in lists (from 0), from the outermost to the innermost."""
Fault = tuple[Loc, str]
"""A place and what is wrong there."""

_SENTENCES: dict[str, str] = {
    "missing": "没有填写；请补上",
    "unknown_field": "不是这里的栏目{near}",
    "empty": "是空的；请填写",
    "enum": "{given}不在可选之列：{words}{near}",
    CODE_SHAPE: "{given}不能作编号：只能用字母、数字、“.”和“-”，以字母或数字开头，最多32个",
    KEY_SHAPE: "{given}不能作代号：只能用小写字母、数字和“-”，以字母开头，最多64个",
    RUNG_KEY_SHAPE: "{given}不能作代号：只能用小写字母、数字和“-”，以字母开头，最多32个",
    CHANNEL_SHAPE: "{given}不能作渠道名：只能用小写字母、数字、“-”和“_”，以字母开头，最多32个",
    LINE_SHAPE: "{given}须为一行文字，不能空白或换行",
    TEXT_SHAPE: "是空白；请填写文字",
    "string_pattern_mismatch": "{given}的写法不对，须合于 {pattern}",
    "string_type": "须为文字，不能是{given}",
    "string_too_short": "{given}不足{min_length}个字",
    "string_too_long": "超过{max_length}个字；请精简",
    "list_type": "须为列表，不能是{given}",
    "tuple_type": "须为列表，不能是{given}",
    "frozen_set_type": "须为列表，不能是{given}",
    "dict_type": "须为键值，不能是{given}",
    "model_type": "须为键值，不能是{given}",
    "model_attributes_type": "须为键值，不能是{given}",
    "too_short": "是空的；至少要有{min_length}项",
    "too_long": "有{actual_length}项，最多{max_length}项",
    "greater_than": "{given}须大于{gt}",
    "greater_than_equal": "{given}小于{ge}",
    "less_than": "{given}须小于{lt}",
    "less_than_equal": "{given}大于{le}",
    "int_type": "{given}不是整数",
    "int_parsing": "{given}不是整数",
    "ip_any_network": "{given}不是网段，请写成 10.20.0.0/16 或 192.168.1.5",
    "int_from_float": "{given}不是整数",
    "float_type": "{given}不是数字",
    "float_parsing": "{given}不是数字",
    "bool_type": "{given}既不是 true 也不是 false",
    "bool_parsing": "{given}既不是 true 也不是 false",
    "time_type": '{given}不是时刻，请写成 "08:30"',
    "time_parsing": '{given}不是时刻，请写成 "08:30"',
    "datetime_type": "{given}不是时刻，请写成 2025-03-03T08:00",
    "datetime_parsing": "{given}不是时刻，请写成 2025-03-03T08:00",
    "datetime_from_date_parsing": "{given}不是时刻，请写成 2025-03-03T08:00",
    "timezone_naive": "{given}带有时区；请写本单位的时刻，不带时区",
    "pattern_regex": "{given}不是正则表达式",
    "pattern_str_type": "{given}不是正则表达式",
    "other": "{given}不合要求",
    "code_prefix": "{given}须以所属问题的编号“{finding}-”开头",
    "used": "{given}与{first}重复；请改用别的编号",
    "unit_twice": "{given}与{first}重名；填报表和消息按名称区分单位，请写全称",
    "person_twice": "{given}在名单里写了两次；请只留一处",
    "until_before_from": "{given}早于起始日{since}",
    "superior_circle": "{given}又以本单位为上级：上级单位不能成环",
    "gathers_nobody": "没有可以分报的单位：{given}之外的单位一个也没有；请补上配合单位或下级单位，或写明分报单位",
    "unknown_name": "{given}不在名单“{target}”里{near}",
    "hidden": "含有不可见字符 U+{char}；请删去",
    "no_key": "不是单个的键；请写一个词，后接冒号",
    "twice": "写了两次，首次在第{line}行；请只留一处",
}


def fault_sentence(code: str, **facts: object) -> str:
    """The sentence of one fault.

    Args:
        code: one of the faults above, such as ``used``.
        facts: what the sentence names.

    Returns:
        The fault and, where it is not plain, the remedy.

    Raises:
        KeyError: no such fault, or a fact is missing.
    """
    return _SENTENCES[code].format(**facts)


def model_faults(error: ValidationError, model: type[BaseModel]) -> Iterator[Fault]:
    """Everything a model complained of.

    Args:
        error: what it raised.
        model: the model that was to be made.

    Returns:
        Each fault with its place in the tree.
    """
    for one in error.errors(include_url=False):
        loc = tuple(part for part in one["loc"] if part != "[key]")
        yield loc, model_fault(one, loc, model)


def model_fault(error: ErrorDetails, loc: Loc, model: type[BaseModel]) -> str:
    """What one complaint of a model means to the person who wrote the value.

    Args:
        error: the complaint.
        loc: the place of the value.
        model: the model that was to be made.

    Returns:
        One sentence; a ``ValueError`` of the model itself is taken as it stands.
    """
    kind, given, limits = error["type"], error["input"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return fault_sentence("unknown_field", near=nearest(str(loc[-1]), _fields_at(loc[:-1], model)))
    if kind != "missing" and given is None:
        return fault_sentence("empty")
    if kind in ("enum", "literal_error"):
        known = re.findall(r"'([^']+)'", limits["expected"])
        near = nearest(str(given), known)
        return fault_sentence("enum", given=quoted(given), words="、".join(known), near=near)
    if kind == "value_error":
        return spelt_out(str(limits.get("error")), 200)
    if kind == "string_pattern_mismatch" and limits["pattern"] in _SENTENCES:
        kind = limits["pattern"]
    return fault_sentence(kind if kind in _SENTENCES else "other", **limits | {"given": quoted(given)})


def quoted(given: Any) -> str:
    """A value as a sentence names it.

    Args:
        given: what was written.

    Returns:
        The text in Chinese quotes, shortened; of a list or a mapping only that it is one.
    """
    if isinstance(given, dict | list):
        return "一组值"
    return f"“{spelt_out(str(given))}”"


def nearest(name: str, known: Collection[str]) -> str:
    """A question whether a known name was meant.

    Args:
        name: what was written.
        known: the names there are.

    Returns:
        The question, when one of them is spelt nearly the same; else nothing.
    """
    near = get_close_matches(name, known, n=1)
    if not near:
        return ""
    return f"；是否应为“{near[0]}”？"


def _fields_at(loc: Loc, model: type[BaseModel]) -> Collection[str]:
    """The keys that the model at ``loc`` has; keys an office chooses itself (roles, units) are passed over."""
    for part in loc:
        if isinstance(part, str) and part in model.model_fields:
            model = _model_in(model.model_fields[part].annotation) or model
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for one in get_args(annotation) if (found := _model_in(one))), None)
