"""A plan written as YAML text, such as a person would write it: the other direction of ``plan/loader.py``.

Promise: ``load_plan`` of the text gives the identical plan (tests/plan/dump_test.py).
"""

from typing import Any

import yaml

from plan.model import Plan

_ENDLESS = 1 << 30
"""No line is broken: a broken one would be read back with a space in it."""


def dump_plan(plan: Plan) -> str:
    """The plan as YAML: what is as the models assume is left out, findings are parted by blank lines.

    Args:
        plan: any plan.

    Returns:
        The text, ending with a line end, with the plan's source in a comment at its head.
    """
    data = plan.model_dump(mode="json", exclude_defaults=True)
    findings = data.pop("findings")
    parts = [_header(plan), *(_yaml({name: value}) for name, value in data.items())]
    first, *others = [_yaml({"findings": [finding]}) for finding in findings]
    return "\n".join([*parts, first, *(other.removeprefix("findings:\n") for other in others)])


def _header(plan: Plan) -> str:
    measures = sum(len(finding.measures) for finding in plan.findings)
    said = f"{plan.inspection.title}：{len(plan.findings)}个问题，{measures}项措施。依据：{plan.inspection.source}"
    return (
        f"# {' '.join(said.split())}\n"
        "# assumed: true 是推定的频次或日期，questions 是待确认的话（suggest 是答复之前的做法），请逐项核对后再启用。\n"
    )


class _Dumper(yaml.CSafeDumper if yaml.__with_libyaml__ else yaml.SafeDumper):  # type: ignore[misc]
    """Nothing is written as an alias. The emitter in C writes the plan of 5000 measures in a second, not in three."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: Any, text: str) -> yaml.ScalarNode:
    node: yaml.ScalarNode = dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)
    return node


_Dumper.add_representer(str, _text)
_Dumper.yaml_implicit_resolvers = {
    first: [one for one in resolvers if not one[0].endswith(":timestamp")]
    for first, resolvers in yaml.SafeDumper.yaml_implicit_resolvers.items()
}
"""The loader reads every value as text, so that a date needs no quotes."""


def _yaml(value: dict[str, Any]) -> str:
    return str(yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=_ENDLESS))
