"""A roster that an office wrote becomes the ledger's: the difference first, then whole, or not at all."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import or_, select

from db.ledger import audit
from db.ledger.appointments import appoint, post_called
from db.ledger.context import LedgerContext
from db.ledger.handover import begin_holdings
from db.ledger.holdings import leave, reach_by
from db.ledger.turns import except_on, rotation_of, set_rotation
from db.models import Absence, Holding, Person, Recipient, Rotation
from plan.faults import Fault, Loc
from plan.model import FOLDER
from plan.roster_file import AbsenceSpec, HoldingSpec, PersonSpec, RosterFile, RotationSpec, TurnSpec
from rules.actors import folded
from rules.roster import wished_hours
from rules.rotation import Turns, turn_order
from text.catalogue import phrase, term
from text.refusals import Refusal


@dataclass(frozen=True, slots=True)
class RosterChange:
    """One thing that another roster changes: ``kind`` names it, ``subject`` is whom or which post it is about."""

    kind: str
    subject: str
    before: str
    after: str

    @property
    def told(self) -> str:
        """The change as a line for people."""
        return phrase(f"roster.change.{self.kind}", subject=self.subject, before=self.before or "—", after=self.after)


@dataclass(frozen=True, slots=True)
class RosterImport:
    """What a roster changes, or what is wrong in it; one with faults changes nothing."""

    changes: tuple[RosterChange, ...]
    faults: tuple[Fault, ...]
    applied: bool


def import_roster(ctx: LedgerContext, roster: RosterFile, *, apply: bool) -> RosterImport:
    """Bring the ledger's roster to what another says; whom it does not name stays as he is.

    Args:
        ctx: the context; what begins begins on its ``today`` unless the roster names a later day.
        roster: checked in itself.
        apply: whether to write it; without it everything is taken back.

    Returns:
        The differences, whether applied or not; with faults nothing is.
    """
    audit.queue(ctx.session)  # two who change the roster come one after the other
    with ctx.session.begin_nested() as trial:
        work = _Import(ctx)
        work.take(roster)
        wrong, changes = tuple(work.faults), tuple(work.changes)
        applied = apply and not wrong
        if applied and changes:
            audit.append(ctx, "import-people", f"{len(changes)}", told=[one.told for one in changes])
            begin_holdings(ctx)
            leave(ctx)
        if not applied:
            trial.rollback()
            ctx.roster.forget()
    return RosterImport(changes, wrong, applied)


class _Import:
    """One import: the people by how their names are compared, what changed, what is wrong."""

    def __init__(self, ctx: LedgerContext) -> None:
        self._ctx = ctx
        self._people = {one.folded: one for one in ctx.session.execute(select(Person)).scalars()}
        self._posts = set[int]()
        self.changes: list[RosterChange] = []
        self.faults: list[Fault] = []

    def take(self, roster: RosterFile) -> None:
        for place, person in enumerate(roster.people):
            self._person(person, ("people", place))
        self._ctx.session.flush()
        for place, holding in enumerate(roster.holdings):
            self._holding(holding, ("holdings", place))
        for place, absence in enumerate(roster.absences):
            self._absence(absence, ("absences", place))
        for place, rotation in enumerate(roster.rotations):
            self._rotation(rotation, ("rotations", place))
        for place, turn in enumerate(roster.turns):
            self._turn(turn, ("turns", place))
        self._ctx.session.flush()

    def _wrong(self, loc: Loc, code: str, **facts: object) -> None:
        self.faults.append((loc, str(Refusal(code, **facts))))

    def _note(self, kind: str, subject: str, before: object, after: object) -> None:
        self.changes.append(RosterChange(kind, subject, str(before or ""), str(after or "")))

    def _person(self, spec: PersonSpec, loc: Loc) -> None:
        if spec.hours and not self._within_hours(spec.hours):
            office = self._ctx.policy.hours
            self._wrong((*loc, "hours"), "hours_outside", hours=spec.hours, open=office.open, close=office.close)
            return
        known = self._people.get(folded(spec.name))
        if known is None or known.removed_at is not None:
            if known is None:
                known = self._people[folded(spec.name)] = Person(name=spec.name, folded=folded(spec.name), hours="")
                known.channels, known.urgent_channels = [[FOLDER, ""]], []
                self._ctx.session.add(known)
            known.removed_at = None
            self._note("new", known.name, "", "")
        ways = [list(pair) for pair in spec.channels.items()]
        if ways and ways != known.channels:
            self._note("channels", known.name, _said(known.channels), _said(ways))
            reach_by(self._ctx, known, ways)
        urgent = [list(pair) for pair in spec.urgent.items()]
        if urgent and urgent != known.urgent_channels:
            self._note("urgent", known.name, _said(known.urgent_channels), _said(urgent))
            known.urgent_channels = urgent
        if spec.hours and spec.hours != known.hours:
            self._note("hours", known.name, known.hours, spec.hours)
            known.hours = spec.hours

    def _within_hours(self, written: str) -> bool:
        wish, office = wished_hours(written), self._ctx.policy.hours
        return office.open <= wish.open and wish.close <= office.close

    def _found(self, name: str, loc: Loc) -> Person | None:
        known = self._people.get(folded(name))
        if known is None or known.removed_at is not None:
            self._wrong(loc, "person_unlisted", name=name, meant="")
            return None
        return known

    def _holding(self, spec: HoldingSpec, loc: Loc) -> None:
        post, person = self._post(spec.post, loc), self._found(spec.name, (*loc, "name"))
        if post is None or person is None:
            return
        today, first = self._ctx.today, spec.since or self._ctx.today
        present = self._present(post, person, spec.stand_in)
        if present is not None:
            if spec.until != present.until_on and (spec.until is not None or spec.since is not None):
                self._note("until", f"{post.called} {person.name}", present.until_on, spec.until)
                present.until_on = spec.until
            return
        if first < today:
            self._wrong((*loc, "from"), "holding_in_past", day=first, today=today)
            return
        if not spec.stand_in and post.id in self._posts:
            self._wrong((*loc, "post"), "post_twice", post=post.called)
            return
        kind = "stand_in" if spec.stand_in else "holder"
        if spec.stand_in:
            made = Holding(recipient_id=post.id, person_id=person.id, from_on=first, stand_in=True)
            made.told_at, made.until_on = self._ctx.now, spec.until
            self._ctx.session.add(made)
            before = ""
        else:
            self._posts.add(post.id)
            before = "、".join(self._holders(post))
            held = appoint(self._ctx, post, person, first)
            assert held is not None  # else he would have been present
            held.until_on = spec.until
        until = phrase("roster.until", day=spec.until) if spec.until else ""
        self._note(kind, post.called, before, f"{person.name}{phrase('roster.from', day=first)}{until}")

    def _present(self, post: Recipient, person: Person, stand_in: bool) -> Holding | None:
        last = or_(Holding.until_on.is_(None), Holding.until_on >= self._ctx.today)
        same = (
            select(Holding)
            .where(
                Holding.recipient_id == post.id, Holding.person_id == person.id, Holding.stand_in.is_(stand_in), last
            )
            .where(Holding.turn.is_(None))
        )
        return self._ctx.session.execute(same.order_by(Holding.id)).scalars().first()

    def _holders(self, post: Recipient) -> Iterator[str]:
        held = (
            select(Person.name)
            .join(Holding, Holding.person_id == Person.id)
            .where(
                Holding.recipient_id == post.id,
                Holding.stand_in.is_(False),
                or_(Holding.until_on.is_(None), Holding.until_on >= self._ctx.today),
            )
        )
        yield from self._ctx.session.execute(held.order_by(Holding.from_on)).scalars()

    def _absence(self, spec: AbsenceSpec, loc: Loc) -> None:
        person = self._found(spec.name, (*loc, "name"))
        if person is None:
            return
        there = select(Absence).where(
            Absence.person_id == person.id, Absence.from_on <= spec.until, Absence.until_on >= spec.since
        )
        known = self._ctx.session.execute(there.order_by(Absence.from_on)).scalars().all()
        if len(known) == 1 and known[0].from_on == spec.since:
            if (known[0].until_on, known[0].reason) != (spec.until, spec.reason):
                self._note("absence", person.name, f"{spec.since}—{known[0].until_on}", f"{spec.since}—{spec.until}")
                known[0].until_on, known[0].reason = spec.until, spec.reason
        elif known:
            self._wrong(loc, "absence_twice", name=person.name, first=known[0].from_on, last=known[0].until_on)
        elif spec.until < self._ctx.today:
            self._wrong((*loc, "until"), "absence_in_past", last=spec.until, today=self._ctx.today)
        else:
            self._note("absence", person.name, "", f"{spec.since}—{spec.until}")
            self._ctx.session.add(
                Absence(person_id=person.id, from_on=spec.since, until_on=spec.until, reason=spec.reason)
            )
            self._ctx.session.flush()

    def _post(self, given: str, loc: Loc) -> Recipient | None:
        try:
            return post_called(self._ctx, given)
        except Refusal as refusal:
            self.faults.append(((*loc, "post"), str(refusal)))
            return None

    def _rotation(self, spec: RotationSpec, loc: Loc) -> None:
        post = self._post(spec.post, loc)
        found = [self._found(name, (*loc, "people", place)) for place, name in enumerate(spec.people)]
        people = [one for one in found if one is not None]
        if post is None or len(people) < len(found):
            return
        try:
            before = self._rotation_text(rotation_of(self._ctx, post)[1])
        except Refusal:
            before = ""
        turns = Turns(spec.every, spec.since, tuple(one.id for one in people))
        after = self._rotation_text(turns) if people else ""
        if after != before:
            self._note("rotation", post.called, before, after or phrase("roster.rotation_ended"))
            set_rotation(self._ctx, post, turns)

    def _rotation_text(self, turns: Turns) -> str:
        names = {one.id: one.name for one in self._people.values()}
        people = "、".join(names[one] for one in turns.people)
        return phrase("roster.rotation", rhythm=term(turns.rhythm), day=turns.first, people=people)

    def _turn(self, spec: TurnSpec, loc: Loc) -> None:
        post, person = self._post(spec.post, loc), self._found(spec.name, (*loc, "name"))
        if post is None or person is None:
            return
        try:
            there, turns = rotation_of(self._ctx, post)
            if there.exceptions.get(spec.day.isoformat()) == person.id:
                return
            except_on(self._ctx, post, person, spec.day)
        except Refusal as refusal:
            self.faults.append((loc, str(refusal)))
            return
        names = {one.id: one.name for one in self._people.values()}
        planned = names[turn_order(turns, spec.day, self._ctx.work_time.calendar)[0]]
        self._note("turn", post.called, planned, phrase("roster.turn", day=spec.day, name=person.name))


def _said(ways: list[list[str]]) -> str:
    return "、".join(f"{name} {address}".strip() for name, address in ways)


def roster_in_force(ctx: LedgerContext) -> RosterFile:
    """The roster as the ledger has it: what is in force today or will be, ready to be edited and imported.

    Args:
        ctx: the context.
    """
    of_today = or_(Holding.until_on.is_(None), Holding.until_on >= ctx.today)
    people = ctx.session.execute(select(Person).where(Person.removed_at.is_(None)).order_by(Person.id)).scalars().all()
    held = (
        select(Recipient, Holding, Person)
        .join(Holding, Holding.recipient_id == Recipient.id)
        .join(Person, Person.id == Holding.person_id)
        .where(Recipient.retired_at.is_(None), of_today, Person.removed_at.is_(None), Holding.turn.is_(None))
        .order_by(Recipient.inspection_id, Recipient.id, Holding.stand_in, Holding.from_on)
    )
    away = (
        select(Absence, Person.name)
        .join(Person, Person.id == Absence.person_id)
        .where(Absence.until_on >= ctx.today)
        .order_by(Absence.from_on, Absence.id)
    )
    rotations, exceptions = _rotations(ctx, {one.id: one.name for one in people})
    return RosterFile.model_construct(
        rotations=rotations,
        turns=exceptions,
        people=[
            PersonSpec.model_construct(
                name=one.name, channels=dict(one.channels), urgent=dict(one.urgent_channels), hours=one.hours
            )
            for one in people
        ],
        holdings=[
            HoldingSpec.model_construct(
                post=post.called, name=person.name, since=one.from_on, until=one.until_on, stand_in=one.stand_in
            )
            for post, one, person in ctx.session.execute(held).tuples()
        ],
        absences=[
            AbsenceSpec.model_construct(name=name, since=one.from_on, until=one.until_on, reason=one.reason)
            for one, name in ctx.session.execute(away).tuples()
        ],
    )


def _rotations(ctx: LedgerContext, names: dict[int, str]) -> tuple[list[RotationSpec], list[TurnSpec]]:
    """The posts that go round, and who has a day to come instead of somebody else; ``names`` by the ids of people."""
    posts = (
        select(Recipient)
        .join(Rotation, Rotation.recipient_id == Recipient.id)
        .where(Recipient.retired_at.is_(None))
        .order_by(Recipient.inspection_id, Recipient.id)
    )
    rotations: list[RotationSpec] = []
    exceptions: list[TurnSpec] = []
    for post in ctx.session.execute(posts).scalars().all():
        try:
            _, turns = rotation_of(ctx, post)
        except Refusal:  # it goes round no more
            continue
        people = [names[one] for one in turns.people]
        rotations.append(
            RotationSpec.model_construct(post=post.called, every=turns.rhythm, since=turns.first, people=people)
        )
        exceptions += [
            TurnSpec.model_construct(post=post.called, day=day, name=names[one])
            for day, one in sorted(turns.exceptions.items())
            if day >= ctx.today and one in turns.people
        ]
    return rotations, exceptions
