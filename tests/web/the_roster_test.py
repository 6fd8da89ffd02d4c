"""The roster's page: everybody sees who holds what; the office hands a post over and notes who is away."""

from collections.abc import Callable

import pytest

from tests.conftest import ContextAt
from tests.web.conftest import NOW, Browser

SignedIn = Callable[[str], Browser]


@pytest.fixture(autouse=True)
def round_(activated: Callable[..., object], ledger_at: ContextAt) -> None:
    activated("2025-02-03T09:00")


def test_the_office_hands_a_post_over_and_its_new_holder_signs_in(signed_in: SignedIn) -> None:
    office = signed_in("office")
    assert office.open("/people") == 200
    assert "test-round/handlerhandlerhandler" in office.said
    assert office.press("hand-over", form=-3, post="test-round/handler", to="张三") == 200
    assert "test-round/handler张三张三" in office.said
    his = signed_in("张三")
    assert his.open("/me") == 200
    assert "01-1" in his.said


def test_somebody_is_away_and_who_stands_in_is_asked(signed_in: SignedIn) -> None:
    office = signed_in("office")
    office.open("/people")
    said = {"name": "handler", "first": NOW[:10], "last": "2025-03-14", "stand_in": "王工", "reason": "<b>出差</b>"}
    assert office.press("absent", form=-2, **said) == 200
    assert "test-round/handlerhandler王工不在岗，由代理人办理" in office.said
    assert "2025-03-12—2025-03-14 <b>出差</b>" in office.said  # as text


def test_somebody_is_back_earlier_and_is_asked_himself(signed_in: SignedIn) -> None:
    office = signed_in("office")
    office.open("/people")
    said = {"name": "handler", "first": NOW[:10], "last": "2025-03-14", "stand_in": "王工", "reason": "出差"}
    assert office.press("absent", form=-2, **said) == 200
    assert office.press("back", name="handler", back="2025-03-20") == 422
    assert "回岗日期请给出2025-03-12至2025-03-14之间的一天" in office.said
    assert office.press("back", name="handler", back="") == 200
    assert "test-round/handlerhandlerhandler" in office.said
    assert "出差" not in office.said
    assert office.press("back", name="handler") == 422
    assert "handler没有登记不在岗" in office.said


def test_what_is_wrong_is_said_and_stays_in_the_form(signed_in: SignedIn) -> None:
    office = signed_in("office")
    office.open("/people")
    assert office.press("hand-over", form=-3, post="handler", to="查无此人") == 422
    assert "人员名册里没有“查无此人”" in office.said
    assert office.page.select_one("input#to")["value"] == "查无此人"  # type: ignore[index]
    assert office.press("absent", form=-2, name="handler", first="明天", last="", reason="病") == 422
    assert office.press("elsewhere") == 422


def test_whoever_is_not_of_the_office_only_looks(signed_in: SignedIn) -> None:
    leader, office = signed_in("leader"), signed_in("office")
    assert leader.open("/people") == 200
    assert leader.page.select("main form") == []
    office.open("/people")
    form = {one["name"]: one.get("value", "") for one in leader.page.select("input[name=csrf]")}
    posted = {**form, "button": "hand-over", "post": "handler", "to": "leader"}
    assert leader.client.post("/people", data=posted).status_code in (409, 422)
    office.open("/people")
    assert "test-round/handlerhandlerhandler" in office.said


def test_a_form_from_elsewhere_changes_nothing(signed_in: SignedIn) -> None:
    office = signed_in("office")
    office.open("/people")
    posted = {"csrf": "wrong", "button": "hand-over", "post": "handler", "to": "leader"}
    assert office.client.post("/people", data=posted).status_code != 200
    office.open("/people")
    assert "test-round/handlerhandlerhandler" in office.said
