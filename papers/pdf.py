"""Word documents as PDF, by the LibreOffice of this machine."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from config.surroundings import bare_environment
from papers.official import STAND_INS
from text.refusals import Refusal

SECONDS = 180


def as_pdf(document: bytes) -> bytes:
    """A document as PDF.

    Args:
        document: a ``.docx``.

    Raises:
        Refusal: ``libreoffice_missing``, ``libreoffice_failed``.
    """
    program = shutil.which("soffice")
    if program is None:
        raise Refusal("libreoffice_missing")
    with tempfile.TemporaryDirectory(prefix="duban-") as made:
        folder = Path(made)
        (folder / "paper.docx").write_bytes(document)
        (folder / "fonts.conf").write_text(_fonts(), encoding="utf-8")
        # A profile of its own: the one of a person who has it open would be locked, and might hold macros.
        command = [program, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--norestore"]
        command += ["--convert-to", "pdf", "--outdir", made, str(folder / "paper.docx")]
        surroundings = bare_environment(HOME=made, FONTCONFIG_FILE=str(folder / "fonts.conf"))
        try:
            done = subprocess.run(command, capture_output=True, timeout=SECONDS, env=surroundings)  # noqa: S603
        except subprocess.TimeoutExpired as error:
            raise Refusal("libreoffice_failed", why=f"{SECONDS}秒内没有转完") from error
        pdf = folder / "paper.pdf"
        if done.returncode or not pdf.exists():
            said = done.stderr.decode(errors="replace").strip().splitlines()
            raise Refusal("libreoffice_failed", why=said[-1] if said else done.returncode)
        return pdf.read_bytes()


def _fonts() -> str:
    """The fonts of this machine, and which of them stand in for what offices have: LibreOffice asks no file for it."""
    aliases = "".join(
        f'<alias binding="same"><family>{name}</family><prefer>'
        + "".join(f"<family>{other}</family>" for other in (name, *others.split(",")))
        + "</prefer></alias>"
        for name, others in STAND_INS.items()
    )
    return f'<fontconfig><include ignore_missing="yes">/etc/fonts/fonts.conf</include>{aliases}</fontconfig>'
