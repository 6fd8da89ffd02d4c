"""The rows of a workbook as the tree of a plan, and for every place of the tree the cell it came from."""

from collections.abc import Callable, Iterable
from itertools import count
from typing import Any

from papers.workbook.cells import Unreadable, complaint_text
from papers.workbook.layout import DUTIES, FACTS, INSPECTION, MEASURES, QUESTIONS, UNITS, roles_table
from papers.workbook.names import NameDirectory
from papers.workbook.tables import MOST_COLUMNS, WorkbookReader, WorkbookRow, WorkbookTable
from plan.checks import check_plan
from plan.faults import Loc
from plan.model import Plan
from plan.types import Gather
from text.catalogue import term

Tree = dict[str, Any]
_ROLES = roles_table(MOST_COLUMNS // 2 - 2)
_MEASURE = ("code", "title", "text", "duration", "state", "state_note", "evidence", "warn_days")
_NO_DUTY_FIELDS = ("order", "code", "gather")
_DUTY = tuple(one.name for one in DUTIES.columns if one.use == "edit" and one.name not in _NO_DUTY_FIELDS)
_QUESTION = ("phrase", "ask", "suggest")


class PlanTree:
    """Reads the sheets of ``book`` in turn; problems of cells go to ``book.errors``."""

    def __init__(self, book: WorkbookReader) -> None:
        self._book = book
        self._origins: dict[Loc, tuple[str, int, str]] = {}
        self._roles = self._units = NameDirectory("", ())
        self._measures: dict[str, Loc] = {}
        self._tree: Tree = {"inspection": {"phases": {}}, "audiences": {}, "roles": {}, "units": {}, "findings": []}

    def plan(self) -> Plan | None:
        """The checked plan; None, or one not to be used, when the book has problems."""
        self._read_roles()
        self._read_units()
        self._read_facts()
        self._read_measures()
        self._read_duties()
        self._read_questions()
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
        for row, fields, measure, loc in self._owned(DUTIES, _DUTY, "duties"):
            self._mark(loc, DUTIES, row, (*_DUTY, "gather"))
            fields |= self._named(DUTIES, row, "gather", sources.keys)
            fields.setdefault("key", "")
            measure["duties"].append(fields)
        for finding in self._tree["findings"]:
            for measure in finding["measures"]:
                _give_keys(measure["duties"])

    def _read_questions(self) -> None:
        for row, fields, measure, loc in self._owned(QUESTIONS, _QUESTION, "questions"):
            self._mark(loc, QUESTIONS, row, _QUESTION)
            measure["questions"].append(fields)

    def _owned(
        self, table: WorkbookTable, names: Iterable[str], section: str
    ) -> Iterable[tuple[WorkbookRow, Tree, Tree, Loc]]:
        """The rows that belong to a measure, with that measure and their own place in the tree."""
        for row in self._rows(table):
            code = self._book.read(table, row, "code")
            fields = self._fields(table, row, names)
            loc = self._measures.get(code or "")
            if loc is None or not code:
                self._orphan(table, row, code)
                continue
            measure = self._tree["findings"][loc[1]]["measures"][loc[3]]
            yield row, fields, measure, (*loc, section, len(measure[section]))

    def _orphan(self, table: WorkbookTable, row: WorkbookRow, code: str | None) -> None:
        if code or "code" not in row.cells:
            why = "“整改台账”里没有这项措施；请改正编号，或连同本行一起删去" if code else "没有填写；请填本行所属的措施"
            self._book.complain(table.sheet, row.number, table.header("code"), code or "", why)


def _finding_of(code: str, known: Iterable[str]) -> str:
    """The finding a measure's code begins with: the longest that rows name, else what stands before the last hyphen."""
    fitting = [one for one in known if code.startswith(f"{one}-")]
    return max(fitting, key=len, default=code.rpartition("-")[0])


def _give_keys(duties: list[Tree]) -> None:
    """A new duty is called by its kind, with a number if need be."""
    taken = {duty["key"] for duty in duties}
    for duty in duties:
        kind = duty.get("kind", "duty")
        names = (kind if number == 1 else f"{kind}-{number}" for number in count(1))
        if not duty["key"]:
            duty["key"] = next(name for name in names if name not in taken)
            taken.add(duty["key"])
