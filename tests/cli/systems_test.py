"""``duban system``: an operator lets a system of the office speak for people, sees what it may, and takes it back."""

import pytest

from tests.cli.conftest import Run

OPERATOR = ("--by", "整改办")


def test_a_token_is_shown_once_and_never_again(loaded: Run) -> None:
    added = loaded("system", "add", "OA", "--acts", "report, review", *OPERATOR)
    token = added.out.strip()
    assert (added.status, len(token)) == (0, 49)
    assert "只显示这一次" in added.err
    for said in (loaded("system", "list", "--json").out, loaded("audit", "list").out, loaded("system", "list").out):
        assert token not in said
        assert "OA" in said
    (line,) = loaded("system", "list", "--json").json
    assert (line["acts"], line["people"], line["made_by"]) == (["report", "review"], [], "整改办")
    trail = loaded("audit", "list").out
    assert "整改办 登记系统 OA" in trail
    assert loaded("audit", "verify").status == 0


def test_a_token_taken_back_frees_the_name(loaded: Run) -> None:
    loaded("system", "add", "OA", *OPERATOR)
    again = loaded("system", "add", "ｏａ", *OPERATOR)
    assert (again.status, again.err) == (2, "已有在用的系统“OA”；请先收回，或换一个名称\n")
    assert loaded("system", "revoke", "oa", *OPERATOR).out == "已收回：OA\n"
    assert loaded("system", "add", "OA", *OPERATOR).status == 0
    assert [line["revoked_at"] is None for line in loaded("system", "list", "--json").json] == [False, True]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("add", "OA", "--acts", "everything", *OPERATOR), "没有“everything”这项权限；可以是：report、"),
        (("add", "OA", "--for", "没有这个人", *OPERATOR), "没有名为“没有这个人”的岗位或人员"),
        (("add", " ", *OPERATOR), "必须写明经办人"),
        (("add", "OA", "--by", "水科经办人"), "水科经办人无权"),
        (("add", "OA", "--by", "没有这个人"), "没有名为"),
        (("revoke", "OA", *OPERATOR), "没有在用的系统“OA”；现有：无"),
        (("revoke", "OA", "--by", "水科负责人"), "水科负责人无权"),
    ],
)
def test_what_is_wrong_is_one_line_and_nothing_is_changed(loaded: Run, asked: tuple[str, ...], told: str) -> None:
    before = loaded("audit", "list").out
    refused = loaded("system", *asked)
    assert (refused.status, refused.err.startswith(told), refused.err.count("\n")) == (2, True, 1), refused.err
    assert loaded("audit", "list").out == before
    assert loaded("system", "list", "--json").json == []


def test_a_system_is_told_under_an_address_that_may_be_reached(loaded: Run) -> None:
    loaded("system", "add", "OA", *OPERATOR)
    inside = loaded("system", "subscribe", "OA", "--to", "http://127.0.0.1:8080/x", *OPERATOR)
    assert (inside.status, "须先在办理规则中列为可到达的网段" in inside.err) == (2, True)
    assert loaded("system", "unsubscribe", "OA", *OPERATOR).err == "系统“OA”没有接收地址\n"
    told = loaded("system", "subscribe", "OA", "--to", "https://1.1.1.1/oa?key=geheim", *OPERATOR)
    assert (told.status, told.out[:6]) == (0, "whsec_")
    again = loaded("system", "subscribe", "OA", "--to", "https://1.1.1.1/oa?key=geheim", *OPERATOR)
    assert again.out != told.out
    assert loaded("system", "list", "--json").json[0]["told_at"] == "https://1.1.1.1/oa"
    said = loaded("audit", "list").out + loaded("system", "list").out
    assert not any(secret in said for secret in ("geheim", told.out.strip(), again.out.strip()))
    assert loaded("system", "unsubscribe", "OA", *OPERATOR).out == "不再通知：OA\n"
    assert loaded("audit", "verify").status == 0


def test_a_system_that_speaks_for_one_is_named_with_him(loaded: Run) -> None:
    assert loaded("system", "add", "秘书", "--acts", "report", "--for", "水科负责人", "--json", *OPERATOR).json["token"]
    assert loaded("system", "list", "--json").json[0]["people"] == ["水科负责人"]
