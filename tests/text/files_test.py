"""A file is there whole or not at all."""

import os
import stat
from pathlib import Path

import pytest

from text.files import private_folder, replace_file
from text.refusals import Refusal


def test_a_file_is_replaced_and_nothing_stays_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "方案.yaml"
    replace_file(path, b"old")
    replace_file(path, b"new", mode=0o600)
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == [path.name]


def test_a_failure_leaves_the_old_file_and_no_half_of_the_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "方案.yaml"
    replace_file(path, b"old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        replace_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == [path.name]


def test_a_folder_that_was_open_is_closed_to_others(tmp_path: Path) -> None:
    folder = tmp_path / "督办"
    folder.mkdir()
    folder.chmod(0o777)
    private_folder(folder)
    private_folder(tmp_path / "新" / "督办")
    # What root has may be passed by one group: that of its database's user.
    assert stat.S_IMODE(folder.stat().st_mode) == (0o710 if os.geteuid() == 0 else 0o700)
    assert stat.S_IMODE((tmp_path / "新" / "督办").stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["a file", "a file/below", "long" * 100])
def test_a_folder_that_cannot_be_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("mine")
    with pytest.raises(Refusal) as refused:
        private_folder(tmp_path / name)
    assert refused.value.code == "folder_not_made"
    assert (tmp_path / "a file").read_text() == "mine"


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(Refusal) as refused:
        private_folder(tmp_path)
    assert refused.value.code == "folder_not_ours"
