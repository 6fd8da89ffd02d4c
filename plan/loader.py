"""Loads a rectification plan: the whole file is checked, and every problem told, before anything is handed on.

The models of ``plan/model.py`` give each value its type, so that ``01`` stays a code (``tests/plan/loader_test.py``).
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from plan.checks import check_plan
from plan.faults import Fault
from plan.model import Plan
from plan.yaml_reader import FileProblems, YamlTree, read_yaml

LARGEST = 8 * 1024 * 1024
"""Bytes a plan may have: some ten thousand measures, where a bureau has sixty."""
_FINDING_OF_A_MEASURE = re.compile("^findings .*? (?=measures )")
"""A measure's code begins with its finding's: naming the finding too would say it twice."""


def load_plan(path: Path) -> Plan:
    """Read and check a plan.

    Args:
        path: the YAML file.

    Returns:
        The plan, with its dates as dates of the office's zone.

    Raises:
        FileProblems: with every problem found, also when the file cannot be read; nothing else is raised, and nothing
            is returned half-checked.
    """
    tree = read_yaml(path, LARGEST)
    if not isinstance(tree.data, dict):
        raise _refusal(tree, [((), "须为键值，以“inspection:”开头")])
    plan, faults = check_plan(tree.data, lambda loc: f"第{tree.line(loc)}行")
    if plan is None or faults or tree.faults:
        raise _refusal(tree, faults)
    return plan


def _refusal(tree: YamlTree, faults: Iterable[Fault]) -> FileProblems:
    told = tree.refusal(faults).problems
    return FileProblems(replace(one, where=_FINDING_OF_A_MEASURE.sub("", one.where)) for one in told)
