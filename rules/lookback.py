"""回头看: when a measure that was struck off is looked at again, and which ones are. Pure."""

import hashlib
from datetime import date

from pendulum import Date

from plan.policy import LookbackRules


def lookback_days(filed_on: date, rules: LookbackRules) -> dict[int, date]:
    """The days on which a measure is looked at again, by the months after it was struck off.

    Args:
        filed_on: when it was filed; like the others a day in the office's zone.
        rules: the office's own. A month later is the same day, or the last one of a shorter month.
    """
    filed = Date(filed_on.year, filed_on.month, filed_on.day)
    return {months: filed.add(months=months) for months in rules.months}


def is_sampled(code: str, months: int, rules: LookbackRules) -> bool:
    """Whether a measure is in the sample that is looked at after some months.

    The same for everybody who asks: by the seed, so that nobody picks what is looked at, and anybody can check it.

    Args:
        code: full code of the measure.
        months: after how many.
        rules: the share in percent, and the seed.
    """
    drawn = hashlib.sha256(f"{rules.seed}:{months}:{code}".encode()).digest()
    return int.from_bytes(drawn[:8]) % 100 < rules.share
