"""A letter says what, due when, how late, what to do and where, and no text in it can do harm."""

import unicodedata
from datetime import date
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from letters.limit import ROBOT_BYTES
from letters.render import FIELD_LIMIT, render
from plan.types import AlertKind, Level
from rules.message import Message, MessageItem
from tests.letters.conftest import PAGES, item, message, rendered
from text import clean

OUR_TAGS = {"html", "head", "meta", "title", "body", "h1", "h2", "p", "ol", "li", "br", "span", "strong", "a"}


class Page(HTMLParser):
    """The tags, attributes and text of a page, as a reader's program sees them."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str | None] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.text += data


def _forms(letter: Message) -> tuple[str, ...]:
    return letter.subject, letter.text, letter.html, letter.markdown, letter.short, letter.recipient


def test_the_subject_counts_what_matters_most_first() -> None:
    late = [item(), item(kind=AlertKind.ESCALATION, level=Level.ORANGE)]
    soon = [item(kind=AlertKind.CHASE, level=Level.GREEN, days_late=0, due_on=date(2025, 5, 20)) for _ in range(3)]
    assert rendered(*soon, *late).subject == "【督办】2项逾期、3项临期（红1、橙1、绿3） · 2025年5月12日"


def test_the_subject_of_one_matter_names_its_unit_and_itself() -> None:
    forms = rendered(item(unit="市水利局", title="整改\r\nBcc: all@example.org"))
    assert forms.subject == "【督办】1项逾期 · 市水利局 02-3 整改 Bcc: all@example.org · 2025年5月12日"


def test_the_subject_of_many_matters_says_how_many_of_which_colour_and_whose() -> None:
    units = [item(unit="市水利局"), item(unit="市林业局", level=Level.ORANGE), item(unit="市水利局", level=Level.NONE)]
    assert rendered(*units).subject == "【督办】3项逾期（红1、橙1；市水利局等2个单位） · 2025年5月12日"
    assert rendered(*units[:1] * 2).subject == "【督办】2项逾期（红2；市水利局） · 2025年5月12日"


def test_an_escalation_names_the_unit_the_sheet_and_its_limit_and_asks_for_an_instruction() -> None:
    sheet = {"kind": AlertKind.ESCALATION, "sheet": "督办〔2025〕7号", "sheet_limit": date(2025, 5, 19)}
    forms = rendered(item(unit="市水利局", **sheet))
    for body in (forms.text, Page(forms.html).text, forms.markdown):
        assert "责任单位：市水利局" in body
        assert "督办单：督办〔2025〕7号，请于2025年5月19日前批示" in body
        assert "要求：请签收并批示" in body
        assert "逾期未批示的将再次提请" in body
        assert "如实填报" not in body


def test_who_is_only_informed_is_asked_for_nothing() -> None:
    forms = rendered(item(kind=AlertKind.ESCALATION, informed=True))
    for body in (forms.text, Page(forms.html).text, forms.markdown):
        assert "请知悉" in body
        assert "要求：供知悉，由他人办理，不需答复" in body
        assert not [word for word in ("签收", "如实填报", "请办理") if word in body]


def test_every_reader_is_told_what_is_wanted_of_him_and_of_nobody_else() -> None:
    mixed = rendered(item(), item(kind=AlertKind.REVIEW), item(kind=AlertKind.ESCALATION, informed=True)).text
    assert "如实填报" in mixed
    assert "请及时审核" in mixed
    assert "仅供知悉、掌握情况的事项，不需答复" in mixed
    assert "批示" not in mixed


def test_who_is_only_informed_is_sent_to_look() -> None:
    informed = rendered(item(informed=True))
    for body in (informed.text, informed.html, informed.markdown):
        assert "查看" in body
        assert "办理：" not in body
        assert "前往办理" not in body


def test_what_is_only_counted_is_behind_one_address() -> None:
    many = [item(unit=f"单位{number % 3}", level=level) for number in range(30) for level in (Level.RED, Level.ORANGE)]
    forms = rendered(*many)
    assert forms.text.count("另有10项未逐条列出，见文末的全部事项。\n") == 2
    assert f"全部事项（可一并办理）：{PAGES}/m/all\n" in forms.text
    assert f'<a href="{PAGES}/m/all">全部事项（可一并办理）</a>' in forms.html
    assert f"[全部事项（可一并办理）]({PAGES}/m/all)" in forms.markdown
    assert "/m/all" not in rendered(item()).text
    unknown = rendered(*many, everything="").text
    assert "另有10项未逐条列出，请向市住建局整改办索取全部清单。" in unknown
    assert "登录" not in unknown


def test_a_letter_says_what_happens_if_nothing_is_reported() -> None:
    climbs = {"climbs_on": date(2025, 5, 14), "climbs_to": "局长"}
    forms = rendered(item(kind=AlertKind.CHASE, **climbs))
    for body in (forms.text, Page(forms.html).text, forms.markdown):
        assert "要求：请尽快办理并填报；若2025年5月14日前仍未填报，将提级至局长" in body
    assert "提级" not in rendered(item(kind=AlertKind.CHASE)).text
    assert "提级" not in rendered(item(kind=AlertKind.ESCALATION, informed=True, **climbs)).text
    assert "提级" not in rendered(item(kind=AlertKind.NOTICE, **climbs)).text


def test_an_assumed_limit_says_so() -> None:
    assert "时限：2025年4月30日，已逾期8个工作日（推定，待确认）" in rendered(item(assumed=True)).text


def test_codes_come_in_the_order_in_which_people_count() -> None:
    text = rendered(*(item(measure=code) for code in ("01-10", "01-2", "02-1", "01-1"))).text
    assert sorted(("01-1 ", "01-2 ", "01-10 ", "02-1 "), key=text.index) == ["01-1 ", "01-2 ", "01-10 ", "02-1 "]


@pytest.mark.parametrize(
    ("kind", "counted"),
    [
        ("notice", "1项待办"),
        ("chase", "1项临期"),
        ("warning", "1项临期"),
        ("escalation", "1项督办"),
        ("review", "1项待审核"),
        ("returned", "1项退回"),
        ("request", "1项申请"),
        ("decision", "1项批示"),
        ("change", "1项调整"),
        ("operator", "1项运维告警"),
        ("summary", "1份情况汇总"),
    ],
)
def test_every_kind_of_line_has_its_count(kind: str, counted: str) -> None:
    subject = rendered(item(kind=AlertKind(kind), days_late=0)).subject
    assert subject == f"【督办】{counted} · 02-3 中央巡视反馈问题整改进展 · 2025年5月12日"


def test_a_review_that_waits_on_a_late_report_is_counted_as_a_review() -> None:
    assert rendered(item(kind=AlertKind.REVIEW)).subject.startswith("【督办】1项待审核 · ")


def test_the_text_says_what_when_how_late_what_to_do_and_where() -> None:
    assert rendered().text == (
        "【督办】1项逾期 · 02-3 中央巡视反馈问题整改进展 · 2025年5月12日\n\n"
        "整改办主任：\n"
        "截至2025年5月12日，下列1项督办事项请办理。\n\n"
        "== 红色（1项） ==\n"
        "1. [预警] 02-3 中央巡视反馈问题整改进展 · 2025年3—4月\n"
        "   时限：2025年4月30日，已逾期8个工作日\n"
        "   要求：请对照期限安排办理\n"
        "   办理：https://duban.example.org/m/seven\n\n"
        "请在时限内办结并如实填报；确有困难的，请在到期前申请延期。特此提醒。\n\n"
        "市住建局整改办\n2025年5月12日\n\n"
        "编号：m-20250512-office\n"
    )


@pytest.mark.parametrize(
    ("due_on", "days_late", "when"),
    [
        (date(2025, 4, 30), 8, "时限：2025年4月30日，已逾期8个工作日"),
        (date(2025, 5, 12), 0, "时限：2025年5月12日，今日到期"),
        (date(2025, 5, 13), 0, "时限：2025年5月13日，还有1天"),
        (date(2025, 5, 11), 0, "时限：2025年5月11日\n"),
    ],
)
def test_the_limit_is_told_with_its_distance(due_on: date, days_late: int, when: str) -> None:
    assert when in rendered(item(due_on=due_on, days_late=days_late)).text


def test_colours_come_from_red_to_none_and_the_latest_first() -> None:
    shuffled = [
        item(level=Level.NONE, measure="09-1"),
        item(level=Level.GREEN, measure="08-1"),
        item(level=Level.RED, measure="01-1", days_late=1),
        item(level=Level.ORANGE, measure="02-1"),
        item(level=Level.RED, measure="03-1", days_late=9),
    ]
    letter_forms = rendered(*shuffled)
    for form in (letter_forms.text, letter_forms.html, letter_forms.markdown):
        places = [form.index(code) for code in ("03-1", "01-1", "02-1", "08-1", "09-1")]
        assert places == sorted(places)


def test_a_resend_says_so_in_subject_and_body() -> None:
    forms = rendered(resend=True)
    assert forms.subject.startswith("【督办】【重发】1项逾期 · ")
    for body in (forms.text, forms.html, forms.markdown):
        assert "本件为重发" in body
    assert "重发" not in "".join(_forms(rendered()))


def test_every_form_carries_the_reference() -> None:
    forms = rendered()
    assert all("编号：m-20250512-office" in body for body in (forms.text, forms.html, forms.markdown))


def test_five_hundred_lines_stay_readable() -> None:
    forms = rendered(*(item(measure=f"{number:03}-1") for number in range(500)))
    assert forms.subject == "【督办】500项逾期（红500） · 2025年5月12日"
    assert forms.text.count("02") < 500 > forms.text.count("\n")
    assert "另有480项未逐条列出" in forms.text
    assert "另有480项未逐条列出" in forms.html
    assert forms.html.count("<li") == 20


def test_markdown_keeps_within_what_a_robot_accepts_and_still_counts_all() -> None:
    wordy = [item(level=level, title="题" * FIELD_LIMIT, note="办" * FIELD_LIMIT) for level in Level for _ in range(90)]
    forms = rendered(*wordy)
    assert len(forms.markdown.encode()) <= ROBOT_BYTES
    assert forms.markdown.count("另有") == 6
    assert "下列540项督办事项请办理" in forms.markdown


def test_script_in_any_field_is_shown_and_not_run() -> None:
    evil = "<script>alert('x')</script>"
    page = Page(rendered(item(title=evil, note=evil, label=evil), recipient=evil, office=evil).html)
    assert page.tags <= OUR_TAGS
    assert page.text.count(evil) == 5 + 2  # the title stands in the subject as well, which the page shows twice


def test_markdown_signs_lose_their_meaning() -> None:
    markdown = rendered(item(title="**[点我](http://evil.example)** `x` <@all> # | ~", address="")).markdown
    assert "＊＊［点我］(http://evil.example)＊＊ ｀x｀ ＜@all＞ ＃ ｜ ～" in markdown


def test_a_line_break_cannot_leave_the_subject_or_start_a_new_item() -> None:
    forms = rendered(item(title="进展\r\nBcc: all@example.org"), recipient="王\u2028Bcc: x")
    assert "\nBcc" not in forms.text
    assert forms.recipient == "王 Bcc: x"
    assert "进展 Bcc: all@example.org" in forms.text


def test_a_spreadsheet_formula_stays_a_text() -> None:
    assert "=cmd()|' /C calc'!A0" in rendered(item(note="=cmd()|' /C calc'!A0")).text


@pytest.mark.parametrize(
    "link",
    ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//evil", "https://", "http://[bad", ""],
)
def test_only_web_links_survive(link: str) -> None:
    assert Page(rendered(item(address=link)).html).links == []


def test_the_short_form_is_the_subject_and_the_link_of_the_latest() -> None:
    forms = rendered(item(address="", days_late=9), item(address=f"{PAGES}/m/2", days_late=2), item())
    assert forms.short == f"【督办】3项逾期（红3） · 2025年5月12日 {PAGES}/m/seven"


def test_a_message_without_items_and_an_unknown_kind_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one item"):
        render(message(items=()))
    with pytest.raises(KeyError, match="gossip"):
        render(message(item(kind="gossip")))


ITEMS = st.builds(
    item,
    kind=st.sampled_from(AlertKind),
    level=st.sampled_from(Level),
    unit=st.text(),
    sheet=st.text(),
    sheet_limit=st.none() | st.dates(),
    informed=st.booleans(),
    assumed=st.booleans(),
    measure=st.text(),
    title=st.text(),
    label=st.text(),
    due_on=st.dates(),
    days_late=st.integers(0, 9999),
    address=st.sampled_from(["", f"{PAGES}/m/seven"]),
    note=st.none() | st.text(),
)


@settings(max_examples=80)
@given(items=st.lists(ITEMS, min_size=1, max_size=6), texts=st.tuples(st.text(), st.text(), st.text()))
def test_any_text_renders_to_forms_that_are_safe(items: list[MessageItem], texts: tuple[str, str, str]) -> None:
    forms = rendered(*items, key=texts[0], recipient=texts[1], office=texts[2])
    for sms_line in (forms.subject, forms.short, forms.recipient):
        assert sms_line.splitlines() in ([], [sms_line])
    for form in _forms(forms):
        assert not [char for char in form if unicodedata.category(char) in ("Cc", "Cs", "Cf") and char != "\n"]
        form.encode()
    page = Page(forms.html)
    assert page.tags <= OUR_TAGS
    assert page.attributes <= {"style", "href", "lang", "charset"}
    assert all(link and link.startswith(("http://", "https://")) for link in page.links)
    assert all(clean.line(entry.title, FIELD_LIMIT) in page.text for entry in items)
    assert "<" not in forms.markdown
    several = len(items) > 1
    assert forms.markdown.count("](") == sum(bool(entry.address) for entry in items) + several
