"""The settings: from the environment, and from flags above it."""

import os
from ipaddress import ip_address
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

MEBIBYTE, GIBIBYTE = 2**20, 2**30


class Misconfigured(Exception):
    """The service cannot run as it is set up; the message says what to set."""


def default_data() -> Path:
    """Return the folder for all that the service keeps itself: the system's for root, else the user's own."""
    if os.geteuid() == 0:
        return Path("/var/lib/actionbus")
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "actionbus"


class Settings(BaseSettings):
    """What an operator may set: `ACTIONBUS_PORT=9000`, say; `DATABASE_URL` as everybody spells it."""

    model_config = SettingsConfigDict(
        env_prefix="ACTIONBUS_", frozen=True, extra="ignore", env_ignore_empty=True, validate_by_name=True
    )

    database_url: SecretStr | None = Field(None, validation_alias="DATABASE_URL", description="The service's role.")
    owner_database_url: SecretStr | None = Field(None, description="The role that owns the tables, for migrations.")
    database_pool: int = Field(10, ge=1, description="Connections to the database, at most.")
    data: Path = Field(default_factory=default_data, description="Folder of files, key and embedded database.")
    handlers: str = Field("handlers", description="The package whose modules are the actions.")
    postgres_binaries: Path | None = Field(None, description="The bin folder of the embedded PostgreSQL.")
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    signing_key: SecretStr | None = Field(None, min_length=32, description="Signs tokens; at least 32 characters.")
    max_body_bytes: int = Field(MEBIBYTE, ge=1, description="Body of an action, at most.")
    max_json_depth: int = Field(32, ge=1, le=100, description="How deep arguments may be nested.")
    max_json_values: int = Field(20_000, ge=1, description="Values in the arguments, at most.")
    max_output_bytes: int = Field(16 * MEBIBYTE, ge=1, description="An action's output, at most.")
    max_header_bytes: int = Field(65_536, ge=1024, description="The headers of a request, at most.")
    max_executions: int = Field(200, ge=1, description="Executions under way at once, at most.")
    max_wait_seconds: float = Field(5, ge=0, description="How long another one waits for its turn.")
    max_prefer_wait_seconds: int = Field(60, ge=0, description="Waiting for work in the background, at most.")
    receive_seconds: float = Field(30, gt=0, description="All headers, or the next of a body, arrive in this time.")
    statement_seconds: int = Field(30, ge=1, description="A statement in the database, at most.")
    lock_seconds: int = Field(5, ge=1, description="Waiting for a lock in the database, at most.")
    idle_seconds: int = Field(60, ge=1, description="Doing nothing in an open transaction, at most.")
    idempotency_hours: int = Field(24, ge=1, description="How long an Idempotency-Key stands for its answer.")
    ledger_days: int = Field(0, ge=0, description="Days that what changed nothing is on record; 0 is for ever.")
    history_days: int = Field(0, ge=0, description="Days that changes are, and what made them; 0 is for ever.")
    max_file_bytes: int = Field(32 * MEBIBYTE, ge=1, description="An uploaded file, at most.")
    max_space_assets: int = Field(250_000, ge=0, description="Assets in a space, at most, with its trash.")
    max_space_bytes: int = Field(20 * GIBIBYTE, ge=0, description="Bytes of a space's assets, at most.")
    gateway_hosts: str = Field("", description="Hosts that actions may ask, by commas: api.example.com, *.example.org.")
    queue: SecretStr | None = Field(
        None, description="Celery's broker, celery+amqp://... or celery+redis://...; without, the ledger is the queue."
    )
    resend_seconds: float = Field(
        300, ge=1, description="Sent to Celery's broker and not begun for so long: sent again."
    )
    search_url: SecretStr | None = Field(None, description="Elasticsearch, by which is searched; without, PostgreSQL.")
    search_index: str = Field(
        "actionbus",
        pattern=r"^[a-z][a-z0-9_-]{0,80}$",
        description="The name of its index, which no other service has.",
    )
    workers: int | None = Field(None, ge=0, description="Workers beside `serve`; without, 1 on the embedded database.")
    worker_executions: int = Field(10, ge=1, description="Executions that a worker runs at once.")
    worker_queues: str = Field("", description="Queues that a worker takes from, by commas; without, all of them.")
    lease_seconds: float = Field(
        15, ge=1, le=86_400, description="A worker not heard of for so long has lost what it ran."
    )
    shutdown_seconds: int = Field(25, ge=0, description="What is under way may take this long after SIGTERM.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Records from here upwards.")
    log_format: Literal["auto", "json", "readable"] = Field("auto", description="auto: readable on a terminal.")

    @property
    def embedded(self) -> bool:
        """Whether the service runs its own PostgreSQL."""
        return self.database_url is None

    @property
    def on_loopback(self) -> bool:
        """Whether nobody but this machine can connect."""
        try:
            return self.host == "localhost" or ip_address(self.host).is_loopback
        except ValueError:
            return False


def load_settings(**flags: object) -> Settings:
    """Return the settings, with those flags that are not None above the environment. Raise `Misconfigured`."""
    try:
        return Settings(**{name: value for name, value in flags.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        reasons = "; ".join(f"{_variable(e['loc'])}: {e['msg']}" for e in error.errors(include_input=False))
        raise Misconfigured(reasons) from None


def _variable(path: tuple[int | str, ...]) -> str:
    name = str(path[0])
    return name if name.isupper() else f"ACTIONBUS_{name.upper()}"
