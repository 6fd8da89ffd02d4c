"""``duban password``: an operator gives one, takes it back, and never writes it where others read along."""

import pytest

from tests.cli.conftest import Run

OPERATOR = ("--by", "整改办")
GOOD = "correct-horse-battery"


def test_a_password_is_piped_and_shown_nowhere(loaded: Run) -> None:
    done = loaded("password", "set", "局长", *OPERATOR, typed=GOOD)
    assert (done.status, done.out) == (0, "已为局长设置密码；此前的登录均已失效\n")
    assert "整改办 设置密码 局长" in loaded("audit", "list").out
    assert not any(GOOD in said or "argon2" in said for said in (loaded("audit", "list", "--json").out, done.err))
    assert loaded("audit", "verify").status == 0
    assert loaded("password", "remove", "局长", *OPERATOR).out == "已取消局长的密码；此前的登录均已失效\n"
    assert loaded("password", "remove", "局长", *OPERATOR).err == "局长没有设置密码\n"


@pytest.mark.parametrize(
    ("person", "by", "password", "told"),
    [
        ("局长", "水科经办人", GOOD, "水科经办人无权"),
        ("没有这个人", "整改办", GOOD, "没有名为“没有这个人”的岗位或人员"),
        ("局长", "整改办", "short", "密码须有至少12个字符"),
        ("局长", "整改办", "", "密码须有至少12个字符"),
    ],
)
def test_what_is_wrong_with_a_password_is_one_line(loaded: Run, person: str, by: str, password: str, told: str) -> None:
    before = loaded("audit", "list").out
    refused = loaded("password", "set", person, "--by", by, typed=password)
    assert (refused.status, refused.err.startswith(told), refused.err.count("\n")) == (2, True, 1), refused.err
    assert loaded("audit", "list").out == before
