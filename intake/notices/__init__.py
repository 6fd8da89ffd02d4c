"""Published notices: numbered text becomes findings and measures; nothing is dropped."""

from intake.notices.draft import draft_of

__all__ = ["draft_of"]
