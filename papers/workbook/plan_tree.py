"""The rows of a workbook as the tree of a plan, and for every place of the tree the cell it came from."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import count
from typing import Any

from intake.draft import DocumentDates
from intake.role_directory import UNASSIGNED, proposed_posts
from papers.workbook.answers import LEADS, SUPERVISORS, WHOLE_ROUND, carry_out, read_answer
from papers.workbook.cells import Unreadable, complaint_text
from papers.workbook.layout import DUTIES, FACTS, INSPECTION, MEASURES, QUESTIONS, UNITS, roles_table
from papers.workbook.names import NameDirectory
from papers.workbook.tables import MOST_COLUMNS, WorkbookReader, WorkbookRow, WorkbookTable
from plan.checks import check_plan
from plan.faults import Loc
from plan.model import Plan, QuestionSpec
from plan.types import Audience, Gather
from text.catalogue import term

Tree = dict[str, Any]
_ROLES = roles_table(MOST_COLUMNS // 2 - 2)
_MEASURE = ("code", "title", "text", "duration", "state", "state_note", "evidence", "warn_days")
_NO_DUTY_FIELDS = ("order", "code", "gather")
_DUTY = tuple(one.name for one in DUTIES.columns if one.use == "edit" and one.name not in _NO_DUTY_FIELDS)
_QUESTION = ("phrase", "ask", "suggest")


class PlanTree:
    """Reads the sheets of ``book`` in turn; problems of cells go to ``book.errors``. ``answers`` counts those
    that were carried out."""

    def __init__(self, book: WorkbookReader) -> None:
        self._book = book
        self._origins: dict[Loc, tuple[str, int, str]] = {}
        self._roles = self._units = NameDirectory("", ())
        self._measures: dict[str, Loc] = {}
        self._duties: dict[int, tuple[Tree, WorkbookTable, WorkbookRow]] = {}
        self.answers = 0
        self._tree: Tree = {"inspection": {"phases": {}}, "audiences": {}, "roles": {}, "units": {}, "findings": []}

    def plan(self) -> Plan | None:
        """The checked plan; None, or one not to be used, when the book has problems."""
        self._read_roles()
        self._read_units()
        self._read_facts()
        self._read_measures()
        self._read_duties()
        self._read_questions()
        self._place_duties()
        plan, faults = check_plan(self._tree, self._place)
        self._tell(faults)
        return plan

    def _tell(self, faults: Iterable[tuple[Loc, str]]) -> None:
        """A fault of a cell that could not be read already, or of a row that has such a cell, is its consequence."""
        cells = {(one.sheet, one.row, one.column) for one in self._book.errors}
        rows = {(sheet, row) for sheet, row, _ in cells}
        sheets = {sheet for sheet, row, _ in cells if not row}
        for loc, what in faults:
            sheet, row, column = self._origin(loc)
            if (sheet, row, column) in cells or sheet in sheets or (not column and (sheet, row) in rows):
                continue
            self._book.complain(sheet, row, column, "", what)

    def _origin(self, loc: Loc) -> tuple[str, int, str]:
        known = (self._origins[loc[:end]] for end in range(len(loc), 0, -1) if loc[:end] in self._origins)
        return next(known, (MEASURES.sheet, 0, ""))

    def _place(self, loc: Loc) -> str:
        sheet, row, _ = self._origin(loc)
        return f"“{sheet}”第{row}行"

    def _mark(self, loc: Loc, table: WorkbookTable, row: WorkbookRow, fields: Iterable[str]) -> None:
        self._origins.setdefault(loc, (table.sheet, row.number, ""))
        for name in fields:
            self._origins.setdefault((*loc, name), (table.sheet, row.number, table.header(name)))

    def _rows(self, table: WorkbookTable) -> list[WorkbookRow]:
        """The rows of a table by their order; a row without a number comes after those that have one."""
        rows = self._book.rows(table)
        order = {row.number: self._book.read(table, row, "order") for row in rows}
        return sorted(rows, key=lambda row: (order[row.number] is None, order[row.number] or 0.0, row.number))

    def _fields(self, table: WorkbookTable, row: WorkbookRow, names: Iterable[str]) -> Tree:
        read = ((name, self._book.read(table, row, name)) for name in names)
        return {name: value for name, value in read if value is not None}

    def _named(self, table: WorkbookTable, row: WorkbookRow, name: str, resolve: Callable[[Any], Any]) -> Tree:
        """One field of names as keys; a name nobody has is a problem of its cell."""
        given = self._book.read(table, row, name)
        if given is None:
            return {}
        try:
            return {name: resolve(given)}
        except Unreadable as error:
            self._book.complain(
                table.sheet, row.number, table.header(name), complaint_text(row.cells[name]), str(error)
            )
            return {}

    def _entries(
        self, table: WorkbookTable, section: str, prefix: str
    ) -> tuple[list[tuple[WorkbookRow, str]], NameDirectory]:
        """The rows of a list of names with their keys; a new row without a key is given one."""
        rows, taken, entries = self._rows(table), dict[str, WorkbookRow](), []
        given = {row.number: self._book.read(table, row, "key") for row in rows}
        # Never one that is given further down, whatever the order of the rows.
        fresh = (key for number in count(1) if (key := f"{prefix}-{number}") not in given.values())
        for row in rows:
            key = given[row.number] or next(fresh)
            if key in taken:
                what = f"与第{taken[key].number}行重复；请改用别的代号"
                self._book.complain(table.sheet, row.number, table.header("key"), key, what)
                continue
            taken[key] = row
            self._mark((section, key), table, row, ("name", "handler", "leader", "superior"))
        for key, row in taken.items():
            name, former = (self._book.read(table, row, field) for field in ("name", "former"))
            entries.append((key, name or key, former or name or key))
        return [(row, key) for key, row in taken.items()], NameDirectory(table.sheet, entries)

    def _read_roles(self) -> None:
        rows, self._roles = self._entries(_ROLES, "roles", "role")
        for row, key in rows:
            fields = self._fields(_ROLES, row, ("name",))
            if channels := self._channels(row, ("roles", key)):
                fields["channels"] = channels
            self._tree["roles"][key] = fields

    def _channels(self, row: WorkbookRow, loc: Loc) -> dict[str, str]:
        found: dict[str, str] = {}
        places = sorted(int(name[7:]) for name in row.cells if name.startswith(("channel", "address")))
        for place in dict.fromkeys(places):
            self._channel(row, place, loc, found)
        return found

    def _channel(self, row: WorkbookRow, place: int, loc: Loc, found: dict[str, str]) -> None:
        channel, address = (self._book.read(_ROLES, row, f"{kind}{place}") for kind in ("channel", "address"))
        header = _ROLES.header(f"channel{place}")
        if channel is None:
            self._book.complain(_ROLES.sheet, row.number, header, "", "填了地址，没有填渠道；请补上渠道名")
        elif channel in found:
            self._book.complain(_ROLES.sheet, row.number, header, channel, "同一岗位的渠道重复；请只留一个")
        else:
            found[channel] = address or ""
            self._origins[*loc, "channels", channel] = (_ROLES.sheet, row.number, header)

    def _read_units(self) -> None:
        rows, self._units = self._entries(UNITS, "units", "unit")
        for row, key in rows:
            named = (self._named(UNITS, row, name, self._roles.keys) for name in ("handler", "leader"))
            superior = self._named(UNITS, row, "superior", self._units.key)
            self._tree["units"][key] = self._fields(UNITS, row, ("name",)) | next(named) | next(named) | superior

    def _read_facts(self) -> None:
        rows = {
            str(row.cells["header"].value).strip(): row for row in self._book.rows(INSPECTION) if "header" in row.cells
        }
        for loc, header, kind, _ in FACTS:
            self._origins[loc] = (INSPECTION.sheet, rows[header].number if header in rows else 0, header)
            cell = rows[header].cells.get("value") if header in rows else None
            if cell is None:
                continue
            try:
                value = kind.read(cell)
                self._put(loc, self._roles.keys(value) if loc[0] == "audiences" and value else value)
            except Unreadable as error:
                self._book.complain(*self._origins[loc], complaint_text(cell), str(error))

    def _put(self, loc: tuple[str, ...], value: Any) -> None:
        branch = self._tree
        for part in loc[:-1]:
            branch = branch[part]
        if value is not None:
            branch[loc[-1]] = value

    def _read_measures(self) -> None:
        names = (*_MEASURE, "finding", "finding_title", "goal")
        rows = [(row, self._fields(MEASURES, row, names)) for row in self._rows(MEASURES)]
        codes = {fields["finding"] for _, fields in rows if "finding" in fields}
        findings: dict[str, int] = {}
        for row, fields in rows:
            finding = fields.pop("finding", None) or _finding_of(fields.get("code", ""), codes)
            place = findings.setdefault(finding, len(findings))
            self._finding(place, row, finding)
            self._of_finding(place, row, "title", "finding_title", fields.pop("finding_title", None))
            self._of_finding(place, row, "goal", "goal", fields.pop("goal", None))
            self._measure(place, row, fields)

    def _finding(self, place: int, row: WorkbookRow, code: str) -> None:
        """A finding begins with the first of its rows."""
        findings, loc = self._tree["findings"], ("findings", place)
        if place == len(findings):
            findings.append({"code": code, "measures": []})
            self._origins[loc] = (MEASURES.sheet, row.number, "")
            self._origins[*loc, "code"] = (MEASURES.sheet, row.number, MEASURES.header("finding"))

    def _of_finding(self, place: int, row: WorkbookRow, field: str, column: str, given: str | None) -> None:
        """What a row says of its finding; the others repeat it or leave it out."""
        finding, loc, header = self._tree["findings"][place], ("findings", place, field), MEASURES.header(column)
        if field not in finding:
            self._origins[loc] = (MEASURES.sheet, row.number, header)
        if given is not None and finding.setdefault(field, given) != given:
            why = f"与第{self._origins[loc][1]}行同一问题的写法不同；请改成一致"
            self._book.complain(MEASURES.sheet, row.number, header, given, why)

    def _measure(self, place: int, row: WorkbookRow, fields: Tree) -> None:
        measures = self._tree["findings"][place]["measures"]
        loc = ("findings", place, "measures", len(measures))
        self._mark(loc, MEASURES, row, (*_MEASURE, "lead", "assisting", "deputy"))
        fields |= self._named(MEASURES, row, "lead", self._units.key)
        fields |= self._named(MEASURES, row, "assisting", self._units.keys)
        fields |= self._named(MEASURES, row, "deputy", self._roles.keys)
        measures.append(fields | {"duties": [], "questions": []})
        # The first of two with one code keeps its duties; that the code is used twice is told by the checks.
        self._measures.setdefault(fields.get("code", ""), loc)

    def _read_duties(self) -> None:
        sources = self._units.and_also((one.value, term(one)) for one in Gather)
        for row, fields, measure in self._owned(DUTIES, _DUTY):
            self._duties[id(fields)] = (fields, DUTIES, row)
            fields |= self._named(DUTIES, row, "gather", sources.keys)
            fields.setdefault("key", "")
            measure["duties"].append(fields)

    def _read_questions(self) -> None:
        """The questions that are still open; what is answered is carried out instead. Where two rows ask the same of a
        measure, the one about fewer measures counts: people copy a row for the exceptions."""
        findings = {one["code"]: [measure.get("code", "") for measure in one["measures"]] for one in self._findings()}
        rows = [(row, self._fields(QUESTIONS, row, _QUESTION)) for row in self._rows(QUESTIONS)]
        meant = [self._meant(row, findings) if not _audience(fields) else [] for row, fields in rows]
        fewest: dict[tuple[object, ...], int] = {}
        for (_, fields), codes in zip(rows, meant, strict=True):
            for code in codes:
                key = (fields.get("phrase"), fields.get("ask"), code)
                fewest[key] = min(fewest.get(key, len(codes)), len(codes))
        for (row, fields), codes in zip(rows, meant, strict=True):
            asked = (fields.get("phrase"), fields.get("ask"))
            self._question(row, fields, [code for code in codes if fewest[*asked, code] == len(codes)])

    def _question(self, row: WorkbookRow, fields: Tree, codes: Sequence[str]) -> None:
        """One row: carried out where it is answered, else kept; what every workbook asks anew is kept by no plan."""
        given = self._book.read(QUESTIONS, row, "answer")
        audience, leads = _audience(fields), _asks(fields, LEADS)
        self.answers += given is not None
        try:
            if given is None:
                for code in () if audience or leads else codes:
                    questions, loc = self._measure_of(code)["questions"], self._measures[code]
                    self._mark((*loc, "questions", len(questions)), QUESTIONS, row, _QUESTION)
                    questions.append(dict(fields))
            elif audience:
                self._supervise(audience, given)
            elif leads:
                self._lead(codes, given)
            else:
                answer = read_answer(given)
                for code in codes:
                    carry_out(answer, fields, measure := self._measure_of(code), self._dates())
                    self._duties |= {
                        id(one): (one, QUESTIONS, row) for one in measure["duties"] if id(one) not in self._duties
                    }
        except Unreadable as error:
            self._book.complain(QUESTIONS.sheet, row.number, QUESTIONS.header("answer"), given, str(error))

    def _dates(self) -> DocumentDates:
        given = self._tree["inspection"].get("feedback_on")
        return DocumentDates(feedback_on=date.fromisoformat(given) if given else None)

    def _meant(self, row: WorkbookRow, findings: Mapping[str, Sequence[str]]) -> list[str]:
        """The measures that a row is about: those named, all of a finding that is named, or all of the round."""
        codes = self._book.read(QUESTIONS, row, "code") or []
        found: dict[str, None] = {}
        for code in codes:
            named = (
                [*self._measures] if code == WHOLE_ROUND else [code] if code in self._measures else findings.get(code)
            )
            found |= dict.fromkeys(named or ())
            if not named:
                self._orphan(QUESTIONS, row, code)
        if not codes:
            self._orphan(QUESTIONS, row, None)
        return list(found)

    def _measure_of(self, code: str) -> Tree:
        loc = self._measures[code]
        measure: Tree = self._tree["findings"][loc[1]]["measures"][loc[3]]
        return measure

    def _supervise(self, audience: Audience, given: str) -> None:
        keys = [self._role(name) for name in _names(given)]
        known = [] if audience is Audience.OFFICE else self._tree["audiences"].get(audience.value, [])
        self._tree["audiences"][audience.value] = list(dict.fromkeys([*known, *keys]))

    def _role(self, name: str) -> str:
        """The key of the post of this name, which is added where there is none."""
        if not self._roles.knows(name):
            key = next(key for number in count(1) if (key := f"role-{number}") not in self._tree["roles"])
            self._add_roles({key: name})
        return self._roles.key(name)

    def _add_roles(self, named: dict[str, str]) -> None:
        self._tree["roles"] |= {key: {"name": name} for key, name in named.items()}
        self._roles = self._roles.and_also(named.items())

    def _lead(self, codes: Iterable[str], given: str) -> None:
        """The unit of measures that had none; one that nobody listed comes with the posts it needs."""
        name, *others = _names(given)
        if others:
            raise Unreadable("牵头单位只能填一个；不同单位的，复制本行，分别写明措施编号")
        if not self._units.knows(name):
            key = next(key for number in count(1) if (key := f"unit-{number:02d}") not in self._tree["units"])
            handler, leader = posts = proposed_posts(key, name)
            self._add_roles(posts)
            self._tree["units"][key] = {"name": name, "handler": [handler], "leader": [leader]}
            self._units = self._units.and_also([(key, name)])
        for measure in map(self._measure_of, codes):
            if measure.get("lead") in (None, UNASSIGNED):
                measure["lead"] = self._units.key(name)
        used = {key for one in self._all_measures() for key in (one.get("lead"), *one.get("assisting", ()))}
        if UNASSIGNED not in used:
            self._tree["units"].pop(UNASSIGNED, None)

    def _place_duties(self) -> None:
        """Once answers have taken some duties away and added others, each has its key and its place."""
        for loc in self._measures.values():
            duties = self._tree["findings"][loc[1]]["measures"][loc[3]]["duties"]
            _give_keys(duties)
            for place, duty in enumerate(duties):
                _, table, row = self._duties[id(duty)]
                self._mark((*loc, "duties", place), table, row, (*_DUTY, "gather"))

    def _findings(self) -> list[Tree]:
        findings: list[Tree] = self._tree["findings"]
        return findings

    def _all_measures(self) -> Iterator[Tree]:
        return (measure for finding in self._findings() for measure in finding["measures"])

    def _owned(self, table: WorkbookTable, names: Iterable[str]) -> Iterable[tuple[WorkbookRow, Tree, Tree]]:
        """The rows that belong to a measure, with that measure."""
        for row in self._rows(table):
            code = self._book.read(table, row, "code")
            fields = self._fields(table, row, names)
            if not code or code not in self._measures:
                self._orphan(table, row, code)
                continue
            yield row, fields, self._measure_of(code)

    def _orphan(self, table: WorkbookTable, row: WorkbookRow, code: str | None) -> None:
        if code or "code" not in row.cells:
            why = "“整改台账”里没有这项措施；请改正编号，或连同本行一起删去" if code else "没有填写；请填本行所属的措施"
            self._book.complain(table.sheet, row.number, table.header("code"), code or "", why)


def _finding_of(code: str, known: Iterable[str]) -> str:
    """The finding a measure's code begins with: the longest that rows name, else what stands before the last hyphen."""
    fitting = [one for one in known if code.startswith(f"{one}-")]
    return max(fitting, key=len, default=code.rpartition("-")[0])


def _asks(fields: Tree, question: QuestionSpec) -> bool:
    return (fields.get("phrase"), fields.get("ask")) == (question.phrase, question.ask)


def _audience(fields: Tree) -> Audience | None:
    """Whom a row asks to name, if it is about who supervises."""
    return next((one for one, question in SUPERVISORS.items() if _asks(fields, question)), None)


def _names(given: str) -> list[str]:
    return [name for part in re.split(r"[\n、，,；;]", given) if (name := part.strip())]


def _give_keys(duties: list[Tree]) -> None:
    """A new duty is called by its kind, with a number if need be."""
    taken = {duty["key"] for duty in duties}
    for duty in duties:
        kind = duty.get("kind", "duty")
        names = (kind if number == 1 else f"{kind}-{number}" for number in count(1))
        if not duty["key"]:
            duty["key"] = next(name for name in names if name not in taken)
            taken.add(duty["key"])
