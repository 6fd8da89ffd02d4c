"""Names and numbers of persons are found, and numbers of other things are not."""

import pytest

from rules.personal_details import personal_details, without_details


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("联系人许智慧，电话(027)60281828", ["许智慧", "(027)60281828"]),
        ("027-60281809、13912345678", ["027-60281809", "13912345678"]),
        ("42070019800101123X 和 a.b@c.com.cn", ["42070019800101123X", "a.b@c.com.cn"]),
        ("整治2024年12月的25家企业，投资1234567890元，编号20250117001", []),
        ("网站标识码:4207000018，第0712号", []),
    ],
)
def test_in_a_text(text: str, found: list[str]) -> None:
    assert personal_details(text, ["许智慧", "王工"]) == found
    hidden = without_details(text, ["许智慧", "王工"], "〔隐去〕")
    assert not [one for one in found if one in hidden]
    assert hidden.count("〔隐去〕") == len(found)


def test_what_may_be_told_is_none_of_them() -> None:
    assert personal_details("热线027-60281809", (), {"027-60281809"}) == []
