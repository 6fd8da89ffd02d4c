"""Renews the golden forecast; the difference is then reviewed like any other change."""

from tests.forecast.golden import GOLDEN, lines

GOLDEN.write_text("\n".join(lines()) + "\n", encoding="utf-8")
print(f"{GOLDEN}: renewed")
