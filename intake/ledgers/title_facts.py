"""What the rows above a ledger say of the inspection: ``某局党组巡察整改台账（截至2025年5月）``."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import TypeVar

import pendulum

from intake.draft import DraftFacts
from intake.normalise import compatible
from intake.truncate import truncate_line
from plan.types import InspectionKind
from text.limits import LONGEST_LINE

_Value = TypeVar("_Value")
_ANNEX = re.compile(r"^附[件表]\s*\d*\s*[:：]?\s*")
_LABEL = re.compile("[:：]")
_NAMED = re.compile("台账|清单|一览表|汇总表|登记表|明细表|统计表|分工表|任务表|方案|销号")
_KINDS = (
    (re.compile("巡视|巡察"), InspectionKind.PARTY),
    (re.compile("督察"), InspectionKind.ENVIRONMENT),
    (re.compile("审计"), InspectionKind.AUDIT),
    (re.compile("督查|督办"), InspectionKind.GOVERNMENT),
)
_DATE = re.compile(r"(20\d\d)\s*[年./-]\s*(1[0-2]|0?[1-9])(?:\s*[月./-]\s*(3[01]|[12]\d|0?[1-9])(?!\d))?")
_COMPACT = re.compile(r"(?<!\d)(20\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)")
_FEEDBACK = re.compile(r"反馈(?:时间|日期):")
_UNIT = re.compile(
    r"(?<!责任)(?<!牵头)(?<!承办)(?<!配合)(?:填报|报送|编制|整改|被巡察|被巡视|被督察|被审计)?(?:单位|部门)(?:名称)?(?:\((?:盖章|公章)\))?:"
    r"\s*(?!(?:[百千万亿]*元|[个项条件人次户亩%、,]+)(?:$|[\s)]))([^\s:]{2,60})"
)
"""单位：万元 is how a table counts, and no body."""
_ABOUT = re.compile(
    r"关于|对|落实|贯彻|巡视|巡察|督察|督查|审计|反馈|整改|问题|任务|责任|措施|目标|台账|清单|\d{4}年|\(|《"
)
_BODY = re.compile(
    r"(?:局|委|会|党组|党委|党工委|支部|总支|厅|部|署|院|校|学|中心|公司|集团|办|办公室|镇|乡|街道|区|县|市|政府|站|馆|处|科|所|社|队|行)$"
)
_INSPECTOR = re.compile(r"(?:中央|[省市区县州]委)$")


def title_facts(lines: Sequence[str]) -> DraftFacts:
    """Read the title rows, the first one as the title. What they do not say is None.

    A date to the month (截至2025年5月) is taken as that month's last day.
    """
    texts = [compatible(line) for line in lines]
    title = _title(lines)
    return DraftFacts(
        title=truncate_line(title, LONGEST_LINE),
        organisation=_first(map(_unit, texts)) or _organisation(compatible(title)),
        kind=_first(kind for text in texts for pattern, kind in _KINDS if pattern.search(text)),
        feedback_on=_first(_day(text) for text in texts if _FEEDBACK.search(text)),
        published_on=_first(_day(text) for text in texts if not _FEEDBACK.search(text)),
    )


def _title(lines: Sequence[str]) -> str:
    """The line that names a ledger, without 附件1：, else the first one that is no label with a colon."""
    lines = [_ANNEX.sub("", line) for line in lines]
    named = (line for line in lines if _NAMED.search(line) and not _LABEL.search(line))
    return next(named, next((line for line in lines if not _LABEL.search(line) and len(line) > 3), ""))


def _organisation(title: str) -> str | None:
    """What stands before 巡察, 整改 and the like, if it is a body and not the inspector (市委巡察)."""
    about = _ABOUT.search(title)
    body = "".join(title[: about.start()].split()) if about else ""
    inspects = about and about[0] in ("巡视", "巡察") and _INSPECTOR.search(body)
    return body if len(body) > 2 and _BODY.search(body) and not inspects else None


def _unit(line: str) -> str | None:
    found = _UNIT.search(line)
    return found[1] if found else None


def _day(line: str) -> date | None:
    found = _DATE.search(line) or _COMPACT.search(line)
    if not found:
        return None
    year, month = int(found[1]), int(found[2])
    last = pendulum.Date(year, month, 1).end_of("month")
    return last.replace(day=min(int(found[3] or last.day), last.day))


def _first(values: Iterable[_Value | None]) -> _Value | None:
    return next((value for value in values if value is not None), None)
