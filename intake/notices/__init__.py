"""Published notices: numbered text becomes findings and measures; nothing is dropped."""

from intake.notices.notice_draft import calls_itself, notice_draft, notice_structure

__all__ = ["calls_itself", "notice_draft", "notice_structure"]
