"""What personal links need of the outside world: the secret that signs them, and the address at which pages answer."""

import base64
import hashlib
import json
import os
import secrets
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from itsdangerous import BadSignature, URLSafeSerializer, URLSafeTimedSerializer

from config.settings import settings
from text.files import replace_file


def sign(handle: str) -> str:
    """What the holder of a link shows: the handle, signed.

    Args:
        handle: the ledger's name of the link.
    """
    return str(_signer("link").dumps(handle))


def handle_of(token: str) -> str | None:
    """The handle that somebody shows, when it was signed here; None for anything else.

    Args:
        token: as it came, from anywhere.
    """
    return _signed(token, "link")


def _signed(token: str, purpose: str) -> str | None:
    try:
        handle = _signer(purpose).loads(token)
    except BadSignature:
        return None
    return handle if isinstance(handle, str) else None


def sign_calendar(handle: str) -> str:
    """What a calendar shows to be given its owner's dates; it opens nothing else.

    Args:
        handle: the ledger's name of the link.
    """
    return str(_signer("calendar").dumps(handle))


def calendar_handle_of(token: str) -> str | None:
    """The handle that a calendar shows, when it was signed here for that; None for anything else.

    Args:
        token: as it came, from anywhere.
    """
    return _signed(token, "calendar")


def calendar_address(token: str) -> str:
    """The address to which a calendar subscribes.

    Args:
        token: as ``sign_calendar`` made it.
    """
    return f"{(web_url() or '').rstrip('/')}/calendar/{token}.ics"


def code_of(handle: str) -> str:
    """The eight digits that say the same as a link that signs in.

    Args:
        handle: the ledger's name of the link.
    """
    signed = hashlib.sha256(sign(f"code {handle}").encode()).digest()
    return f"{int.from_bytes(signed[:8]) % 10**8:08d}"


def csrf_key(session: str) -> str:
    """What a form carries so that no foreign page can hand it in.

    Args:
        session: what the browser of the signed-in person keeps.
    """
    return str(_signer("form").dumps(session))


def sign_memory(kept: dict[str, str]) -> str:
    """What a browser is given to remember, so that it cannot change it.

    Args:
        kept: what is remembered.
    """
    return str(_timed_signer().dumps(kept))


def remembered(given: str, seconds: int) -> dict[str, str] | None:
    """What a browser was given to remember; None for what was not signed here, or longer ago.

    Args:
        given: as it came, from anywhere.
        seconds: how long it is good.
    """
    try:
        kept: dict[str, str] = _timed_signer().loads(given, max_age=seconds)
    except BadSignature:
        return None
    return kept


def hook_secret(handle: str) -> str:
    """What a system checks by that it is Duban who tells it something, as Standard Webhooks writes it.

    Args:
        handle: the ledger's name of the secret.
    """
    return f"whsec_{base64.b64encode(hashlib.sha256(str(_signer('hook').dumps(handle)).encode()).digest()).decode()}"


def web_url() -> str | None:
    """Where readers reach the pages: as the office says, else as the last ``duban up`` of this home announced."""
    if settings().web_url is not None:
        return settings().web_url
    with suppress(OSError, ValueError, KeyError):
        return str(json.loads(announcement(settings().home).read_text())["url"])
    return None


def announcement(home: Path) -> Path:
    """The file in which ``duban up`` says where the pages answer.

    Args:
        home: the office's folder.
    """
    return home / "web.json"


def board_address() -> str:
    """The address of the board, which takes signing in: what is about no matter leads there."""
    return f"{(web_url() or '').rstrip('/')}/"


def printed_address(path: str) -> str | None:
    """The address of a page as a print of it carries it: it takes signing in; None where no address is known.

    Args:
        path: of the page, from the slash on.
    """
    return f"{url.rstrip('/')}{path}" if (url := web_url()) else None


def matter_address(token: str) -> str:
    """The address of what a link opens.

    Args:
        token: as ``sign`` made it.
    """
    return f"{(web_url() or '').rstrip('/')}/m/{token}"


def _signer(purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(_secret(), salt=f"duban.{purpose}")


def _timed_signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(_secret(), salt="duban.memory")


def _secret() -> str:
    configured = settings().web_secret
    return configured.get_secret_value() if configured else _kept_secret(settings().home)


@lru_cache
def _kept_secret(home: Path) -> str:
    """Made once, and read once in a process: a letter signs dozens of links."""
    path = home / "web-secret"
    if not path.exists():
        made = path.with_name(f".{path.name}.{os.getpid()}")
        replace_file(made, f"{secrets.token_urlsafe(32)}\n".encode(), mode=0o600)
        # Of two processes that make one at once, the first: the links of the other would open nothing.
        with suppress(FileExistsError):
            os.link(made, path)
        made.unlink()
    return path.read_text().strip()
