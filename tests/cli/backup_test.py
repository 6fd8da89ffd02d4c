"""``duban backup``: copies that are thinned by rule and come back on trial; one that failed or is late is told."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from sqlalchemy import Engine, text

from config.settings import HERE
from tasks.backup import examine_backup
from tests.cli.conftest import Run
from tests.cli.export_test import DAMAGES
from tests.conftest import reread_settings

NOW = datetime.now(UTC)


@pytest.fixture
def examined(loaded: Run, database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., object]:
    """What the engine's check says, some hours from now."""
    monkeypatch.setenv("DUBAN_DATABASE_URL", database)
    monkeypatch.setenv("DUBAN_HOME", str(tmp_path))
    monkeypatch.setenv("DUBAN_CLOCK", "2025-03-10T09:00")

    def found(hours: int = 0, made: datetime | None = NOW, woken: bool = False) -> tuple[bool, bool, str]:
        reread_settings()
        one = examine_backup(made, NOW + timedelta(hours=hours), woken)
        return one.ok, one.warned, one.said

    return found


def _told(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.execute(text("SELECT note FROM alerts WHERE rung LIKE 'backup:%'")).scalars())


def test_a_backup_is_whole_for_this_user_alone_and_comes_back_once_a_month(loaded: Run, tmp_path: Path) -> None:
    first = loaded("backup")
    assert (first.status, first.out.splitlines()[1:]) == (0, ["试恢复成功：全部读回，与审计链一致"])
    (file,) = (tmp_path / "backups").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    again = loaded("backup")
    assert (again.status, "试恢复" in again.out) == (0, False)
    assert "试恢复成功" in loaded("backup", "--rehearse").out
    said = [one for one in loaded("doctor").out.splitlines() if "备份：" in one]
    assert len(said) == 1
    assert said[0].startswith("✓ 备份：最近一次完成于")
    assert said[0].endswith("试恢复成功")
    assert loaded("audit", "verify").status == 0


def test_older_ones_go_by_the_policy_and_nothing_else_does(loaded: Run, tmp_path: Path) -> None:
    shipped = yaml.safe_load((HERE / "policy.yaml").read_text(encoding="utf-8"))
    shipped["backup"] |= {"daily": 2, "weekly": 0, "monthly": 0}
    policy = tmp_path / "policy.yaml"
    policy.write_text(yaml.safe_dump(shipped, allow_unicode=True))
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    names = ("duban-20250301-023000.zip", "duban-20250302-023000.zip", "duban-20250302-223000.zip")
    others = ("duban-20250301.zip", "notes.txt")
    for name in (*names, *others):
        (folder / name).touch()
    done = loaded("backup", DUBAN_BACKUPS=str(folder), DUBAN_POLICY=str(policy))
    assert done.status == 0, done.err
    assert f"按策略不再保留：{names[0]}、{names[1]}\n" in done.out
    (new,) = {file.name for file in folder.iterdir()} - {names[2], *others}
    assert new > names[2]


def test_a_backup_that_failed_is_a_fault_until_one_is_made_and_is_told_once(
    loaded: Run, engine: Engine, examined: Callable[..., object], tmp_path: Path
) -> None:
    assert examined() == (True, True, "还没有备份")
    assert examined(hours=37) == (False, True, "还没有备份")
    (tmp_path / "backups").write_text("a file where the folder is to be")
    failed = loaded("backup")
    assert (failed.status, failed.err.count("\n")) == (2, 1)
    assert loaded("backup").status == 2
    ok, _, said = examined()  # type: ignore[misc]
    assert (ok, said.startswith("备份没有成功：目录")) == (False, True)
    assert len(_told(engine)) == 1
    os.unlink(tmp_path / "backups")
    assert loaded("backup").status == 0
    assert examined()[:2] == (True, False)  # type: ignore[index]
    assert examined(hours=35)[0] is True  # type: ignore[index]
    late = examined(hours=40)
    assert late[:2] == (False, True)  # type: ignore[index]
    assert examined(hours=80)[0] is False  # type: ignore[index]
    assert examined(hours=80, woken=True)[0] is True  # type: ignore[index]
    assert [note[:4] for note in _told(engine)] == ["还没有备", "最近一次"]


@pytest.mark.parametrize("what", ["an entry of the trail", "a column is missing"])
def test_a_copy_that_does_not_come_back_is_a_fault(
    what: str, loaded: Run, examined: Callable[..., object], monkeypatch: pytest.MonkeyPatch, engine: Engine
) -> None:
    import tasks.backup

    damage, _ = DAMAGES[what]
    whole = tasks.backup.export_office

    def damaged(path: Path, at: datetime) -> object:
        done = whole(path, at)
        damage(path)
        return done

    assert loaded("evidence", "list", "01-1").status == 0
    said = loaded("submit", "01-1", "--duty", "report", "--text", "x", "--percent", "40", "--by", "水科经办人")
    assert said.status == 0, said.err
    assert loaded("patrol").status == 0
    monkeypatch.setattr(tasks.backup, "export_office", damaged)
    said = loaded("backup")
    assert (said.status, "试恢复没有成功" in said.err) == (1, True)
    ok, _, told = examined()  # type: ignore[misc]
    assert (ok, "试恢复没有成功" in told) == (False, True)
    assert len(_told(engine)) == 1
    monkeypatch.setattr(tasks.backup, "export_office", whole)
    assert "试恢复成功" in loaded("backup").out  # tried again at once, and not only in a month
    assert examined()[0] is True  # type: ignore[index]


def test_rows_changed_behind_the_trail_show_when_a_copy_comes_back(loaded: Run, owners_engine: Engine) -> None:
    with owners_engine.begin() as connection:
        connection.execute(text("UPDATE measures SET title = '改过' WHERE id = 1"))
    said = loaded("backup")
    assert (said.status, "与其审计链有1处不符" in said.err) == (1, True)
