"""An address is one mailbox, one number or one name. What could be read as two is none, wherever it is to be used."""

import re

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

from text.clean import line

LONGEST = 254
"""Characters of a mail address (RFC 5321); no number and no name is longer."""
# What services split lists at, or read as an end, a quote or a parameter, has no place in it. RFC 5322 would allow a
# mailbox some of these signs, and who reads "o'brien@x" for "brien@x" writes to somebody else.
_MAILBOX = re.compile(r"[\w.+-]+@[\w.-]+", re.ASCII)
_NAME = re.compile(r"[@+]?\w[\w.+-]*")
for _own in ("local", "localhost"):  # names of offices' own networks and machines, where their mail servers are
    SPECIAL_USE_DOMAIN_NAMES.remove(_own)


def address_fault(address: str) -> str | None:
    """What is wrong with an address.

    Args:
        address: of one recipient in one channel; empty where the channel needs none, such as a robot.

    Returns:
        The fault with its remedy in one line, or None.
    """
    if len(address) > LONGEST:
        return f"地址有{len(address)}个字，超过{LONGEST}个；请核对"
    shown = line(address, 60)
    if _MAILBOX.fullmatch(address):
        try:
            # Also mailboxes of the office's own network, whose domain nobody outside knows.
            validate_email(
                address, check_deliverability=False, globally_deliverable=False, allow_smtputf8=False, strict=True
            )
        except EmailNotValidError:
            return f"“{shown}”不是有效的邮件地址；请写成 name@example.org"
        return None
    # With a dot behind it a leading @ is a domain whose mailbox was forgotten, and no name of a chat.
    if not address or (_NAME.fullmatch(address) and not re.match(r"@.*\.", address)):
        return None
    return f"“{shown}”不是一个地址：一处只写一个邮箱、号码或名称，不能含空白、括号和；，、|!*=& 等符号；多人请各设岗位"
