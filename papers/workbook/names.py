"""What units and posts are called in cells: by their name where it is theirs alone, else by name and key."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from papers.workbook.cells import Unreadable

_FULL = re.compile(r"(.*)〔([a-z][a-z0-9-]{0,63})〕")
_BETWEEN = re.compile(r"[、，,；;]")


def labels(names: Mapping[str, str]) -> dict[str, str]:
    """How a cell names each key: ``水科``, or ``水科〔water〕`` where the bare name could mean something else.

    Args:
        names: of units or posts, by key.
    """
    count = Counter(names.values())
    return {
        key: name if count[name] == 1 and name not in names and not _FULL.fullmatch(name) else f"{name}〔{key}〕"
        for key, name in names.items()
    }


class NameDirectory:
    """Reads names back to keys: name with key, the key alone, or a name that only one has or had on export."""

    def __init__(self, sheet: str, entries: Iterable[tuple[str, ...]]) -> None:
        """``sheet`` lists the names; ``entries`` are key, name, and the name when the workbook was exported."""
        self._sheet, self._keys = sheet, defaultdict[str, set[str]](set)
        for key, *called in entries:
            # Also by the name it had on export, so that a unit can be renamed in one sheet alone.
            for name in (key, *called):
                self._keys[name].add(key)

    def key(self, label: str) -> str:
        """The key that ``label`` means. Raises ``Unreadable``."""
        if (full := _FULL.fullmatch(label)) and full[2] in self._keys[full[2]]:
            return full[2]
        found = self._keys.get(label, set())
        if len(found) > 1:
            choice = "、".join(f"{label}〔{key}〕" for key in sorted(found))
            raise Unreadable(f"有{len(found)}个都叫“{label}”；请写明是哪一个：{choice}")
        if not found:
            raise Unreadable(f"不在“{self._sheet}”表里：{label}；请先在那张表里补上，或改正名称")
        return next(iter(found))

    def knows(self, label: str) -> bool:
        """Whether anything is called so, by one or by several."""
        return label in self._keys or bool(_FULL.fullmatch(label))

    def and_also(self, entries: Iterable[tuple[str, str]]) -> "NameDirectory":
        """A directory that reads further ``entries`` as well, each a key and what it is called."""
        found = NameDirectory(self._sheet, entries)
        for name, keys in self._keys.items():
            found._keys[name] |= keys
        return found

    def keys(self, lines: Iterable[str]) -> list[str]:
        """The keys of several names.

        Args:
            lines: of a cell; one line may hold several names with 、 between them.

        Raises:
            Unreadable: a name that nobody has, or more than one.
        """
        return [self.key(name) for line in lines for name in self._split(line)]

    def _split(self, line: str) -> list[str]:
        # Whole first: a unit's own name may hold a 、.
        if line in self._keys or _FULL.fullmatch(line):
            return [line]
        return [part.strip() for part in _BETWEEN.split(line) if part.strip()]
