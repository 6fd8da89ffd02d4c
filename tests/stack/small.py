"""A small plan on Monday 2025-03-10: a measure for each story, so that none disturbs another."""

NOW = "2025-03-10T09:00"
"""The fixed clock of the small office: a working day, in hours."""

MATTERS = 11
"""What waits for a person then: ten periods, and one escalation of the red one."""

_MONTHLY = ("01-1", "01-2", "02-1", "02-2", "02-3", "04-1", "04-2", "04-3")

_HEAD = """
inspection:
  key: small-round
  title: 第一轮巡察整改
  organisation: 某局党组
  inspector: 某巡察组
  kind: party
  feedback_on: 2024-12-20
  source: 整改进展通报
roles:
  handler: {name: 水科经办人, channels: {mail: water@bureau.example}}
  leader: {name: 水科负责人, channels: {broken: leader, outbox: ""}}
  deputy: {name: 分管副局长}
  head: {name: 局长, channels: {hook: ""}}
  discipline: {name: 纪检组}
  office: {name: 整改办}
units:
  water: {name: 水科, handler: [handler], leader: [leader]}
audiences: {deputy: [deputy], head: [head], discipline: [discipline], office: [office]}
findings:
"""
_FINDING = """
  - code: "{finding}"
    title: 问题{finding}
    measures:
"""
_MEASURE = """
      - code: {code}
        title: 管网改造{code}
        text: 推进管网改造，按期报告进度
        duration: staged
        state: in_progress
        state_note: 正在推进
        lead: water
        duties: [{duty}]
"""
_REPORT = "{key: report, kind: report, title: 月报, cadence: monthly, source: 措施一}"
_OVERDUE = "{{key: finish, kind: finish, title: 完工, cadence: once, due_on: {day}, source: 措施二}}"


def small_plan() -> str:
    """The plan as an office would write it.

    01-1 to 02-3 and 04-1 to 04-3 report monthly; 03-1 has been overdue since February (red), 03-2 since Friday
    (yellow).
    """
    duties = dict.fromkeys(_MONTHLY, _REPORT)
    duties |= {"03-1": _OVERDUE.format(day="2025-02-25"), "03-2": _OVERDUE.format(day="2025-03-07")}
    text = _HEAD
    for finding in ("01", "02", "03", "04"):
        text += _FINDING.format(finding=finding)
        for code in sorted(duties):
            if code.startswith(finding):
                text += _MEASURE.format(code=code, duty=duties[code])
    return text
