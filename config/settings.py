"""What an office sets for one installation: the ``DUBAN_*`` environment.

Secrets (database URL, channel URLs) are ``SecretStr``: they never appear in a log, a repr or an error.
"""

import os
import re
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

HERE = Path(__file__).parent


class Settings(BaseSettings):
    """Every field is an environment variable: ``home`` is ``DUBAN_HOME``, ``channels`` is ``DUBAN_CHANNELS`` (JSON)."""

    model_config = SettingsConfigDict(env_prefix="DUBAN_", extra="ignore", validate_default=True)

    home: Path = Field(default=Path(".duban"), description="Where data, mail files and logs live.")
    database_url: SecretStr | None = Field(default=None, description="Ledger; empty means the embedded PostgreSQL.")
    database_owner_url: SecretStr | None = Field(
        default=None,
        description="The same database as who owns its tables, for migrations; empty: one account for all.",
    )
    prefect_database_url: SecretStr | None = Field(
        default=None, description="Prefect's own database for `duban up`; empty means the embedded PostgreSQL."
    )
    policy: Path = Field(default=HERE / "policy.yaml", description="Ladder, budgets, hours, colours.")
    calendars: Path = Field(default=HERE / "calendars", description="Folder of office work-day overrides.")
    paper_templates: Path = Field(
        default=HERE / "templates" / "papers", description="Folder of the office's own templates of papers (.docx)."
    )
    timezone: str = Field(default="Asia/Shanghai", description="The office's IANA zone.")
    clock: str | None = Field(default=None, description="A fixed instant, or an offset such as +P3D or -PT2H.")
    channels: dict[str, SecretStr] = Field(
        default_factory=dict, description="Channel name to Apprise URL, or to prefect:BLOCK; {address} is filled in."
    )
    ui_url: str | None = Field(default=None, description="Address of Prefect's UI as the office reaches it.")
    web_url: str | None = Field(default=None, description="Address of Duban's own pages as readers of mail reach it.")
    web_secret: SecretStr | None = Field(
        default=None, description="Signs personal links; empty means the one that the home keeps."
    )
    metrics_token: SecretStr | None = Field(
        default=None, description="Bearer token for /metrics from elsewhere; without one only this machine reads it."
    )
    evidence_store: str | None = Field(
        default=None, description="Where evidence lies: s3://bucket/prefix; empty means a folder of the home."
    )
    evidence_endpoint: str | None = Field(default=None, description="The S3-compatible store; empty means Amazon's.")
    evidence_region: str = Field(default="us-east-1", description="As the store calls its region.")
    evidence_key_id: SecretStr | None = Field(default=None, description="Account of the store.")
    evidence_secret_key: SecretStr | None = Field(default=None, description="Its secret.")
    backups: Path | None = Field(default=None, description="Folder of the backups; empty means one in the home.")
    oidc_issuer: str | None = Field(default=None, description="Identity provider (OpenID Connect), as it calls itself.")
    oidc_client_id: str | None = Field(default=None, description="What the provider calls Duban.")
    oidc_client_secret: SecretStr | None = Field(default=None, description="What the provider gave Duban.")
    oidc_scope: str = Field(default="openid email", description="What the provider is asked to tell of a person.")
    oidc_claim: str = Field(default="email", description="Which of that is his address, or a key of DUBAN_OIDC_PEOPLE.")
    oidc_people: dict[str, str] = Field(
        default_factory=dict, description="What that claim holds, and the name of the roster that is meant (JSON)."
    )
    heartbeat_url: SecretStr | None = Field(default=None, description="Called after every clean patrol.")
    worker_limit: int = Field(default=4, ge=1, le=64, description="Openings, and answers, that run at once.")

    @field_validator("home", "policy", "calendars", "paper_templates", "backups")
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        return path and path.expanduser().resolve()

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"没有时区“{name}”；请写成 Asia/Shanghai") from error
        return name

    @field_validator("database_owner_url")
    @classmethod
    def _beside_the_ledger(cls, url: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if url is not None and info.data.get("database_url") is None:
            raise ValueError("须与 DUBAN_DATABASE_URL 一同设置")
        return url

    @field_validator("evidence_store")
    @classmethod
    def _a_bucket(cls, address: str | None) -> str | None:
        if address is not None and not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[\w./-]*)?", address):
            raise ValueError("应写成 s3://存储桶/前缀；账号另用 DUBAN_EVIDENCE_KEY_ID、DUBAN_EVIDENCE_SECRET_KEY 设置")
        return address

    @field_validator("evidence_endpoint")
    @classmethod
    def _a_plain_address(cls, url: str | None) -> str | None:
        # One with an account in it would be shown wherever the place is told.
        if url is not None and not re.fullmatch(r"https?://[^\s@/?#]+/?", url):
            raise ValueError("应写成 https://主机:端口，不带账号")
        return url

    @field_validator("evidence_secret_key")
    @classmethod
    def _an_account_for_the_bucket(cls, key: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if info.data.get("evidence_store") and (key is None or info.data.get("evidence_key_id") is None):
            raise ValueError("设置了 DUBAN_EVIDENCE_STORE，须一并设置 DUBAN_EVIDENCE_KEY_ID、DUBAN_EVIDENCE_SECRET_KEY")
        return key

    @field_validator("oidc_issuer")
    @classmethod
    def _safe_issuer(cls, address: str | None) -> str | None:
        if address is None:
            return None
        parts = urlsplit(address)
        here = parts.hostname in ("localhost", "127.0.0.1", "::1")
        if (parts.scheme != "https" and not (parts.scheme == "http" and here)) or not parts.hostname:
            raise ValueError("须以 https:// 开头")
        return address

    @field_validator("oidc_client_id")
    @classmethod
    def _with_its_issuer(cls, name: str | None, info: ValidationInfo) -> str | None:
        if (name is None) != (info.data.get("oidc_issuer") is None):
            raise ValueError("须与 DUBAN_OIDC_ISSUER 一同设置")
        return name

    @property
    def zone(self) -> ZoneInfo:
        """The office's zone, in which every due date is a date."""
        return ZoneInfo(self.timezone)

    @property
    def evidence_folder(self) -> Path:
        """Where files of evidence are kept, each under the digest of its content, unless a bucket is named."""
        return self.home / "evidence"

    @property
    def backup_folder(self) -> Path:
        """Where the copies lie that are made on a schedule."""
        return self.backups or self.home / "backups"

    @property
    def mail_folder(self) -> Path:
        """Where the channel ``outbox`` writes its mail files."""
        return self.home / "outbox"


@lru_cache
def settings() -> Settings:
    """The settings of this process, read once; ``settings.cache_clear()`` after changing the environment."""
    return Settings()


def set_home(home: Path) -> None:
    """Make ``home`` the DUBAN_HOME of this process and its children."""
    os.environ["DUBAN_HOME"] = str(home.expanduser().resolve())
    settings.cache_clear()
