"""Who answers for a draft's measures: units with a handler and a leader each, and one for what nobody answers for."""

from collections.abc import Iterable

from intake.draft import Ask, Draft, DraftMeasure
from intake.truncate import truncate_line
from plan.model import RoleSpec, UnitSpec

OFFICE = "office"
PROPOSED_OFFICE = RoleSpec(name="整改办")
UNASSIGNED = "unassigned"
WHO_LEADS = Ask(
    "牵头单位",
    "原文没有写明这些措施由谁牵头，各是哪个单位？不同单位的，复制本行，分别写明措施编号",
    "先由整改办代管，启用前填上牵头单位",
)
"""What is asked of measures whose unit is not known."""


class RoleDirectory:
    """The units and posts of a draft, in the order in which it names them; keys are ``unit-01``, ``leader-01`` …"""

    def __init__(self, draft: Draft) -> None:
        measures = [measure for finding in draft.findings for measure in finding.measures]
        names = (name for one in measures for name in (one.lead, *one.assisting))
        self._units = _keys("unit", names)
        self._leaders = _keys("leader", (one.leader for one in measures))
        self._handlers: dict[str, list[str]] = {}
        for one in measures:
            if one.lead and one.handler:
                self._handlers.setdefault(truncate_line(one.lead), []).append(truncate_line(one.handler, 40))
        self._open = any(self.unit(one.lead) == UNASSIGNED for one in measures) or any(
            not finding.measures for finding in draft.findings
        )

    def unit(self, name: str | None) -> str:
        """The key of a unit, that of 待明确 where the draft names none."""
        return self._units.get(truncate_line(name or ""), UNASSIGNED)

    def assisting(self, measure: DraftMeasure) -> list[str]:
        """The keys of the assisting units, the leading one left out."""
        keys = dict.fromkeys(self.unit(name) for name in measure.assisting)
        return [key for key in keys if key not in (UNASSIGNED, self.unit(measure.lead))]

    def deputies(self, measure: DraftMeasure) -> list[str]:
        """The key of the leader in charge, if the draft names one."""
        key = self._leaders.get(truncate_line(measure.leader or ""))
        return [key] if key else []

    def roles(self) -> dict[str, RoleSpec]:
        """Every post."""
        roles = {OFFICE: PROPOSED_OFFICE}
        roles |= {key: RoleSpec(name=name) for name, key in self._leaders.items()}
        for name, key in self._units.items():
            roles |= {
                post: RoleSpec(name=title) for post, title in proposed_posts(key, name, self._handler(name)).items()
            }
        return roles

    def units(self) -> dict[str, UnitSpec]:
        """Every unit."""
        units = {UNASSIGNED: UnitSpec(name="待明确", handler=[OFFICE])} if self._open else {}
        return units | {
            key: UnitSpec(name=name, handler=[f"{key}-handler"], leader=[f"{key}-leader"])
            for name, key in self._units.items()
        }

    def _handler(self, name: str) -> str:
        """The post's name: the person's where the draft names a single one for the unit."""
        people = set(self._handlers.get(name, ()))
        return f"经办人{next(iter(people))}" if len(people) == 1 else "经办人"


def proposed_posts(key: str, name: str, handler: str = "经办人") -> dict[str, str]:
    """The posts proposed for a unit.

    Args:
        key: of the unit.
        name: of the unit.
        handler: what whoever handles its work is called.

    Returns:
        Titles by key, the handler's first, then the leader's.
    """
    return {
        f"{key}-handler": truncate_line(f"{name}{handler}"),
        f"{key}-leader": truncate_line(f"{truncate_line(name, 190)}负责人"),
    }


def _keys(prefix: str, names: Iterable[str | None]) -> dict[str, str]:
    distinct = dict.fromkeys(line for name in names if (line := truncate_line(name or "")))
    return {name: f"{prefix}-{number:02d}" for number, name in enumerate(distinct, 1)}
