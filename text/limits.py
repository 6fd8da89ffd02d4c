"""How long what people write may be, in characters: said once, checked at every door."""

LONGEST_TEXT = 4000
"""A text of several lines: a measure, a report, an instruction. Longer matter is evidence, which is attached."""
LONGEST_LINE = 200
"""What stands on one line: a title, the name of a unit, a source."""
LONGEST_NAME = 100
"""Who signs a form."""
