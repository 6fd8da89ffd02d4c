"""One address is one mailbox, one number or one name; what could be read as two is refused where it is written."""

import pytest

from plan.addresses import address_fault

TWO = [
    "a@example.org；b@example.org",
    "a@example.org;b@example.org",
    "a@example.org、b@example.org",
    "a@example.org，b@example.org",
    "a@example.org,b@example.org",
    "a@example.org b@example.org",
    "a@example.org\u3000b@example.org",
    "a@example.org\nb@example.org",
    "a@example.org/b@example.org",
    "a@example.org\\b@example.org",
    "a@example.org(b@example.org)",
    "a@example.org（b@example.org）",
    "a@example.org<b@example.org>",
    "a@example.org[b@example.org]",
    "a@example.org:b@example.org",
    "a@example.org：b@example.org",
    "a@example.org'b@example.org",
    'a@example.org"b@example.org',
    "a@b@example.org",
    "a＠example.org",
    "13800000000,13900000000",
    "13800000000、13900000000",
    "张三、李四",
]
BROKEN = [
    "a@example.org&bcc=e@example.net",
    "a@example.org?bcc=e@example.net",
    "a@example.org#e",
    "a@example.org%2Ce@example.net",
    "a|b@example.org",
    "a!b@example.org",
    "a*b@example.org",
    "*@example.org",
    "a=b@example.org",
    "a@example.org=",
    "o'brien@example.org",
    "a$b@example.org",
    "a`b@example.org",
    "a{address}@example.org",
    "a@",
    "@example.org@",
    "@x.cn",
    "@mail.example.org",
    "a@.org",
    "a@example..org",
    ".a@example.org",
    "a..b@example.org",
    "a@-example.org",
    "a@" + "x" * 64 + ".org",
    "a@" + "x" * 300 + ".org",
    "a" * 65 + "@example.org",
    "a@example.org" + "x" * 1_000_000,
    "x" * 1_000_000,
    "\u202ea@example.org",
    "a\u200b@example.org",
    "a@example.org\x00",
    " a@example.org",
    "a@example.org ",
    "аdmin@example.org",  # a Cyrillic а
    "小王@example.org",
]
ONE = [
    "",
    "a@example.org",
    "wang.li+duban@mail.example.gov.cn",
    "a@localhost",
    "a@office.local",
    "a@mail-server",
    "a_b-c@example.org",
    "13800000000",
    "+8613800000000",
    "@zhangsan",
    "zhang.san",
    "张三",
]


@pytest.mark.parametrize("address", [*TWO, *BROKEN], ids=lambda address: ascii(address[:40]))
def test_what_is_no_single_address_is_refused_in_one_short_line(address: str) -> None:
    fault = address_fault(address)
    assert fault
    assert "\n" not in fault
    assert len(fault) < 200


@pytest.mark.parametrize("address", ONE)
def test_what_is_one_mailbox_number_or_name_is_taken(address: str) -> None:
    assert address_fault(address) is None
