"""Published notices: numbered text becomes findings and measures; nothing is dropped."""

from intake.notices.notice_draft import notice_draft

__all__ = ["notice_draft"]
