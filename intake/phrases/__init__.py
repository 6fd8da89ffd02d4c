"""The phrasebook: what Chinese wording says about time, and what it leaves open.

``intake/grammar/phrases.yaml`` and ``soft.yaml`` hold the wordings; the code here only applies them.
"""

from intake.phrases.limit import Limit, read_limit
from intake.phrases.reading import read_wording

__all__ = ["Limit", "read_limit", "read_wording"]
