"""``duban people``: the roster out to a workbook and back, by YAML, by single commands; what is refused says where."""

from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.cli.conftest import Run

ROSTER = """
people:
  - name: 周工
    channels: {mail: zhou@example.org, outbox: ""}
    urgent: {robot: ""}
    hours: 09:30-16:30
  - name: 李局
    channels: {mail: li@example.org}
holdings:
  - {post: handler, name: 周工}
  - {post: test-round/deputy, name: 李局, from: 2025-04-01}
  - {post: leader, name: 李局, stand_in: true}
absences:
  - {name: 水科负责人, from: 2025-03-17, until: 2025-03-21, reason: 培训}
"""


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    file = tmp_path / "roster.yaml"
    file.write_text(ROSTER)
    return file


def _posts(run: Run, **surroundings: str) -> dict[str, tuple[str, str]]:
    found = run("people", "list", "--json", **surroundings).json["posts"]
    return {one["post"]: (one["holder"], one["asked"]) for one in found}


def test_the_difference_comes_first_and_then_all_at_once(loaded: Run, roster: Path) -> None:
    shown = loaded("people", "import", str(roster))
    assert (shown.status, shown.err) == (0, "")
    assert shown.out.splitlines() == [
        "新登记：周工",
        "周工 渠道：outbox → mail zhou@example.org、outbox",
        "周工 紧急渠道：— → robot",
        "周工 接收时间：— → 09:30-16:30",
        "李局 渠道：— → mail li@example.org",
        "test-round/handler：水科经办人 → 周工（自2025-03-10）",
        "test-round/deputy：分管副局长 → 李局（自2025-04-01）",
        "test-round/leader 代理：李局（自2025-03-10）",
        "水科负责人 不在岗：— → 2025-03-17—2025-03-21",
        "以上尚未生效；加 --yes 后生效",
    ]
    assert _posts(loaded)["test-round/handler"] == ("水科经办人", "水科经办人")
    done = loaded("people", "import", str(roster), "--yes", "--json").json
    assert (done["applied"], len(done["changes"])) == (True, 9)
    assert _posts(loaded)["test-round/handler"] == ("周工", "周工")
    assert _posts(loaded, DUBAN_CLOCK="2025-03-18T09:00")["test-round/leader"] == ("水科负责人", "李局")
    assert _posts(loaded, DUBAN_CLOCK="2025-04-01T09:00")["test-round/deputy"] == ("李局", "李局")
    assert loaded("people", "import", str(roster), "--yes").out == "与现有名册一致，没有变化\n"
    assert "导入人员名册" in loaded("audit", "list").out
    assert loaded("audit", "verify").status == 0


def test_an_export_is_a_template_that_changes_nothing_by_itself(loaded: Run, roster: Path, tmp_path: Path) -> None:
    assert loaded("people", "import", str(roster), "--yes").status == 0
    book = tmp_path / "名册.xlsx"
    assert loaded("people", "export", str(book)).status == 0
    assert loaded("people", "import", str(book), "--yes").out == "与现有名册一致，没有变化\n"
    found = load_workbook(book)
    sheet = found["任职"]
    rows = {str(row[0].value): row for row in sheet.iter_rows(min_row=3)}
    rows["test-round/office"][1].value = "张三"
    rows["test-round/office"][2].value = None
    found.save(book)
    assert loaded("people", "import", str(book), "--yes").out.splitlines() == [
        "test-round/office：整改办 → 张三（自2025-03-10）",
        "已生效",
    ]


@pytest.mark.parametrize(
    ("was", "wrong", "said"),
    [
        ("handler, name: 周工", "hadnler, name: 周工", "没有岗位“hadnler”；相近的有：handler"),
        ("  - name: 李局\n", "  - name: 周 工\n", "在名单里写了两次"),
        ("until: 2025-03-21", "until: 2025-03-11", "早于起始日2025-03-17"),
        ("from: 2025-04-01", "from: 2025-02-01", "任职起始日2025-02-01已过"),
        ("name: 水科负责人", "name: 查无此人", "人员名册里没有“查无此人”"),
        ("09:30-16:30", "06:00-23:00", "超出办公时间"),
        ("09:30-16:30", "9点到5点", "的写法不对"),
        ("zhou@example.org", "a@x.org；b@y.org", "mail"),
        ("周工\n    channels", "周\u202e工\n    channels", "不可见字符 U+202E"),
        ("reason: 培训", "reason: ''", "reason"),
        ("holdings:", "holders:", "不是这里的栏目"),
    ],
)
def test_what_is_wrong_says_where_and_changes_nothing(
    loaded: Run, roster: Path, was: str, wrong: str, said: str
) -> None:
    assert was in ROSTER
    roster.write_text(ROSTER.replace(was, wrong))
    before = loaded("people", "list", "--json").json
    done = loaded("people", "import", str(roster), "--yes")
    assert done.status == 2
    assert said in done.err
    assert "roster.yaml" in done.err
    assert loaded("people", "list", "--json").json == before


@pytest.mark.parametrize(
    ("cell", "value", "said"),
    [
        ("A3", "=1+1", "“任职”第3行“岗位”栏"),
        ("A3", "没有这个岗位", "“任职”第3行“岗位”栏没有岗位“没有这个岗位”"),
        ("D3", "2025-01-01", "“任职”第3行“结束日期”栏"),
        ("C3", "不知道", "“任职”第3行“起始日期”栏"),
        ("B3", "<script>alert(1)</script>", "人员名册里没有“<script>alert(1)</script>”"),
    ],
)
def test_a_workbook_says_sheet_row_and_column(loaded: Run, tmp_path: Path, cell: str, value: str, said: str) -> None:
    book = tmp_path / "名册.xlsx"
    assert loaded("people", "export", str(book)).status == 0
    found = load_workbook(book)
    found["任职"][cell].value = value
    found.save(book)
    done = loaded("people", "import", str(book), "--yes")
    assert (done.status, done.out) == (2, "")
    assert said in done.err


def test_a_post_is_handed_over_and_somebody_is_away(loaded: Run) -> None:
    assert loaded("people", "hand-over", "handler", "--to", "张三").out == "已交接：handler 自2025-03-10起由张三担任\n"
    away = loaded("people", "absent", "张三", "--from", "2025-03-10", "--until", "2025-03-12", "--reason", "出差")
    assert away.err == "以下岗位其间无人代理，事项将逐级向上：test-round/handler\n"
    assert _posts(loaded)["test-round/handler"] == ("张三", "水科负责人")
    stood = loaded(
        *("people", "absent", "张三", "--from", "2025-03-13", "--until", "2025-03-14", "--reason", "出差"),
        *("--stand-in", "王工"),
    )
    assert (stood.status, stood.err) == (0, "")
    assert _posts(loaded, DUBAN_CLOCK="2025-03-13T09:00")["test-round/handler"] == ("张三", "王工")
    listed = loaded("people", "list").out
    assert "无人在岗，事项转上级岗位" in listed.replace("\n", "") or "上级岗位" in listed


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("hand-over", "nobody", "--to", "张三"), "没有岗位“nobody”"),
        (("hand-over", "other/handler", "--to", "张三"), "other"),
        (("hand-over", "handler", "--to", "查无此人"), "人员名册里没有“查无此人”"),
        (("hand-over", "handler", "--to", "水科经办人"), "test-round/handler已由水科经办人担任"),
        (("hand-over", "handler", "--to", "张三", "--from-date", "2025-03-01"), "任职起始日2025-03-01已过"),
        (("hand-over", "handler", "--to", "张三", "--from-date", "明天"), "--from-date"),
        (("absent", "张三", "--from", "2025-03-12", "--until", "2025-03-11", "--reason", "病"), "晚于结束日"),
        (("absent", "张三", "--from", "2025-03-01", "--until", "2025-03-02", "--reason", "病"), "已过"),
        (("absent", "张三", "--from", "2025-03-12", "--until", "2025-03-13", "--reason", " "), "必须写明理由"),
        (
            (
                "absent",
                "张三",
                "--from",
                "2025-03-12",
                "--until",
                "2025-03-13",
                "--reason",
                "病",
                "--stand-in",
                "张 三",
            ),
            "不能代理本人",
        ),
        (("remove", "整改办"), "整改办唯一在任的人"),
        (("remove", "查无此人"), "人员名册里没有“查无此人”"),
    ],
)
def test_refused_in_one_line(loaded: Run, command: tuple[str, ...], said: str) -> None:
    before = loaded("people", "list", "--json").json
    done = loaded("people", *command)
    assert (done.status, done.out) == (2, "")
    assert said in done.err
    assert loaded("people", "list", "--json").json == before


TURNS = """
people: [{name: 甲}, {name: 乙}, {name: 丙}]
rotations:
  - {post: office, every: week, from: 2025-03-03, people: [甲, 乙, 丙]}
turns:
  - {post: office, day: 2025-03-13, name: 丙}
"""
"""The clock stands on Monday, 10 March: it is 乙's week."""


@pytest.fixture
def turns(loaded: Run, tmp_path: Path) -> Run:
    """The post of the office goes round."""
    file = tmp_path / "turns.yaml"
    file.write_text(TURNS)
    done = loaded("people", "import", str(file), "--yes")
    assert done.out.splitlines()[3:] == [
        "test-round/office 值班轮换：— → 每周，自2025-03-03起，甲、乙、丙",
        "test-round/office 值班：乙 → 2025-03-13 丙",
        "已生效",
    ]
    return loaded


def _duty(run: Run, **surroundings: str) -> list[str]:
    found = run("people", "duty", "--json", **surroundings).json
    return [f"{one['first'][5:]}—{one['last'][5:]} {one['name']}" for one in found]


def test_a_post_goes_round_and_who_has_his_turn_is_asked(turns: Run) -> None:
    assert _duty(turns) == ["03-10—03-12 乙", "03-13—03-13 丙", "03-14—03-16 乙", "03-17—03-23 丙"]
    assert _posts(turns)["test-round/office"] == ("整改办", "乙")
    assert _posts(turns, DUBAN_CLOCK="2025-03-13T09:00")["test-round/office"] == ("整改办", "丙")
    assert _posts(turns, DUBAN_CLOCK="2025-03-24T09:00")["test-round/office"] == ("整改办", "甲")
    away = ("people", "absent", "乙", "--from", "2025-03-11", "--until", "2025-03-12", "--reason", "培训")
    assert turns(*away).status == 0
    assert _duty(turns)[:3] == ["03-10—03-10 乙", "03-11—03-13 丙", "03-14—03-16 乙"]
    assert _posts(turns, DUBAN_CLOCK="2025-03-11T09:00")["test-round/office"] == ("整改办", "丙")
    assert "2025-03-10—2025-03-10" in turns("people", "duty").out


def test_turns_are_taken_and_swapped(turns: Run) -> None:
    assert turns("people", "swap-turns", "office", "2025-03-12", "2025-03-20").out == (
        "已换班：office 2025-03-12由丙值班，2025-03-20由乙值班\n"
    )
    assert _duty(turns) == ["03-10—03-16 丙", "03-17—03-23 乙"]
    assert turns("people", "take-turn", "office", "甲", "2025-03-18").out == "已调班：office 2025-03-18由甲值班\n"
    assert _duty(turns)[1:] == ["03-17—03-17 乙", "03-18—03-18 甲", "03-19—03-23 乙"]
    assert turns("audit", "verify").status == 0
    assert "换班" in turns("audit", "list").out


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (
            ("take-turn", "office", "张三", "2025-03-18"),
            "张三不在岗位 test-round/office 的值班轮换之列；可以是：甲、乙、丙",
        ),
        (("take-turn", "handler", "甲", "2025-03-18"), "没有设值班轮换"),
        (("take-turn", "office", "甲", "2025-03-09"), "不能调2025-03-09的班；请给出2025-03-10或以后的日期"),
        (("swap-turns", "office", "2025-03-10", "2025-03-11"), "本由同一人值班"),
        (("take-turn", "office", "甲", "明天"), "DATE"),
    ],
)
def test_a_turn_that_is_none_is_one_line_and_changes_nothing(turns: Run, command: tuple[str, ...], said: str) -> None:
    before = _duty(turns)
    refused = turns("people", *command)
    assert (refused.status, refused.err.count("\n"), said in refused.err) == (2, 1, True)
    assert _duty(turns) == before


def test_turns_come_back_from_a_workbook_and_end_there(turns: Run, tmp_path: Path) -> None:
    book = tmp_path / "名册.xlsx"
    assert turns("people", "export", str(book)).status == 0
    assert turns("people", "import", str(book), "--yes").out == "与现有名册一致，没有变化\n"
    found = load_workbook(book)
    row = found["值班轮换"][3]
    assert [cell.value for cell in row][1::2] == ["每周", "甲\n乙\n丙"]
    row[1].value, row[3].value = "每个工作日", "丙\n甲"
    found["调班"].delete_rows(3)
    found.save(book)
    assert turns("people", "import", str(book), "--yes").out.splitlines() == [
        "test-round/office 值班轮换：每周，自2025-03-03起，甲、乙、丙 → 每个工作日，自2025-03-03起，丙、甲",
        "已生效",
    ]
    # The sixth working day of the round; what was excepted for somebody who takes no turns any more still says 丙.
    assert _duty(turns)[:3] == ["03-10—03-10 甲", "03-11—03-11 丙", "03-12—03-12 甲"]
    row[3].value = None
    found.save(book)
    assert "不再轮换" in turns("people", "import", str(book), "--yes").out
    assert (_duty(turns), _posts(turns)["test-round/office"]) == ([], ("整改办", "整改办"))


@pytest.mark.parametrize(
    ("was", "wrong", "said"),
    [
        ("[甲, 乙, 丙]", "[甲, 乙, 甲]", "在名单里写了两次"),
        ("[甲, 乙, 丙]", "[甲, 乙, 查无此人]", "人员名册里没有“查无此人”"),
        ("every: week", "every: month", "week"),
        ("post: office, every", "post: offcie, every", "没有岗位“offcie”"),
        ("day: 2025-03-13", "day: 2025-02-30", "day"),
        ("from: 2025-03-03", "from: 2025-04-01", "不能调2025-03-13的班"),
    ],
)
def test_what_is_wrong_with_turns_says_where(loaded: Run, tmp_path: Path, was: str, wrong: str, said: str) -> None:
    file = tmp_path / "turns.yaml"
    file.write_text(TURNS.replace(was, wrong))
    refused = loaded("people", "import", str(file), "--yes")
    assert (refused.status, said in refused.err, "turns.yaml:" in refused.err) == (2, True, True)
    assert _duty(loaded) == []


def test_an_absence_is_shortened_or_called_off(loaded: Run) -> None:
    away = ("people", "absent", "水科经办人", "--from", "2025-03-12", "--until", "2025-03-21", "--reason", "培训")
    assert loaded(*away, "--stand-in", "王工").status == 0
    assert _posts(loaded, DUBAN_CLOCK="2025-03-18T09:00")["test-round/handler"] == ("水科经办人", "王工")
    assert loaded("people", "back", "水科经办人", "--on", "2025-03-18").out == "已登记：水科经办人 自2025-03-18起在岗\n"
    assert _posts(loaded, DUBAN_CLOCK="2025-03-17T09:00")["test-round/handler"] == ("水科经办人", "王工")
    assert _posts(loaded, DUBAN_CLOCK="2025-03-18T09:00")["test-round/handler"] == ("水科经办人", "水科经办人")
    assert loaded("people", "back", "水科经办人").status == 0  # he does not go at all
    assert _posts(loaded, DUBAN_CLOCK="2025-03-13T09:00")["test-round/handler"] == ("水科经办人", "水科经办人")
    none = loaded("people", "back", "水科经办人")
    assert (none.status, none.err) == (2, "水科经办人没有登记不在岗\n")
    assert loaded("audit", "verify").status == 0
    assert "登记回岗" in loaded("audit", "list").out


def test_the_doctor_names_posts_that_nobody_fills(loaded: Run) -> None:
    assert "✓ 岗位：都有人在岗\n" in loaded("doctor").out
    assert loaded("people", "remove", "水科经办人").status == 0
    told = loaded("doctor").out
    assert (
        "！ 岗位：今天无人在岗，事项转上级或仍发本人：test-round/handler；请用 duban people 明确人选或代理人\n" in told
    )
