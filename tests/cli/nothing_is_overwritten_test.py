"""What stands on the disk stays, unless a person says that it may go; and a link is never followed."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from config.settings import HERE
from tests.cli.conftest import Run

NOTICE = HERE.parent / "tests" / "intake" / "data" / "ezhou.txt"
WRITERS: dict[str, tuple[str, ...]] = {
    "x.ics": ("forecast", "--ics"),
    "f.xlsx": ("forecast", "--xlsx"),
    "x.html": ("simulate", "--from", "2025-03-10", "--to", "2025-03-11", "--scenario", "silent", "--html"),
    "p.xlsx": ("plan", "export"),
    "d.docx": ("compile", "dispatch", "-o"),
    "r.xlsx": ("report", "export", "--unit", "水科"),
    "b.html": ("board", "-o"),
    "all.zip": ("export",),
    "n.yaml": ("intake", str(NOTICE), "--feedback-on", "2024-12-20", "--inspector", "某组", "-o"),
}
"""A file's name, and the command that writes one when its path is added."""
Written = Callable[[str], tuple[Path, tuple[str, ...]]]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """The path of a file, and the command that writes it."""

    def found(name: str) -> tuple[Path, tuple[str, ...]]:
        return tmp_path / name, (*WRITERS[name], str(tmp_path / name))

    return found


@pytest.mark.parametrize("name", WRITERS)
def test_a_file_that_is_there_is_replaced_only_when_that_is_said(name: str, loaded: Run, written: Written) -> None:
    file, command = written(name)
    file.write_text("mine")
    said = loaded(*command)
    assert (said.status, said.out) == (2, "")
    assert said.err == f"{file}已存在；请换一个文件名，或指明覆盖（--force）\n"
    assert file.read_text() == "mine"
    assert loaded(*command, "--force").status == 0
    assert file.read_bytes() != b"mine"


@pytest.mark.parametrize("force", [(), ("--force",)], ids=["", "force"])
@pytest.mark.parametrize("name", WRITERS)
def test_a_link_is_never_followed_wherever_it_leads(
    name: str, force: tuple[str, ...], loaded: Run, written: Written, tmp_path: Path
) -> None:
    file, command = written(name)
    for aim in (tmp_path / "precious", tmp_path / "not there"):
        (tmp_path / "precious").write_text("mine")
        file.unlink(missing_ok=True)
        file.symlink_to(aim)
        said = loaded(*command, *force)
        assert (said.status, said.out) == (2, "")
        assert said.err == f"{file}是符号链接，不写入；请写明它所指的文件，或换一个文件名\n"
        assert (tmp_path / "precious").read_text() == "mine"
        assert not (tmp_path / "not there").exists()


@pytest.mark.parametrize("name", WRITERS)
def test_what_is_no_file_is_not_replaced_by_one(name: str, loaded: Run, written: Written) -> None:
    file, command = written(name)
    os.mkfifo(file)
    said = loaded(*command, "--force")
    assert (said.status, said.out, said.err) == (2, "", f"{file}不是普通文件，不写入；请换一个文件名\n")
    assert file.is_fifo()
