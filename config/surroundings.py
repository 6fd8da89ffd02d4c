"""The environment of a child process that needs none of the office's secrets."""

import os

KEPT = ("PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "TZ", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH")
"""What any program may need of this machine; everything else is an office's own, and may be secret."""


def bare_environment(**more: str) -> dict[str, str]:
    """What a child gets that is told nothing of the office: no channel, no password, no secret of an API.

    Args:
        more: what it needs besides, in place of ours.
    """
    return {name: os.environ[name] for name in KEPT if name in os.environ} | more
