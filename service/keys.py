"""The signing key: set by the operator, or on the embedded default made on first start."""

import os
import secrets
from pathlib import Path

from service.settings import Misconfigured, Settings

LOCAL_OWNER = "owner"
MIN_KEY_CHARACTERS = 32


def signing_key(settings: Settings) -> str:
    """Return the key that signs tokens and fingerprints. Raise `Misconfigured` where one must be set."""
    if settings.signing_key is not None:
        return settings.signing_key.get_secret_value()
    if not (settings.embedded and settings.on_loopback):
        reason = "DATABASE_URL is set" if not settings.embedded else f"the service listens on {settings.host}"
        raise Misconfigured(
            f"No signing key, and {reason}; set ACTIONBUS_SIGNING_KEY to at least 32 random characters, such as "
            '`python3 -c "import secrets; print(secrets.token_urlsafe(32))"` prints.'
        )
    return _kept_key(settings.data / "signing-key")


def _kept_key(path: Path) -> str:
    try:
        key = _made_or_read(path)
    except OSError as error:
        raise Misconfigured(f"The signing key {path} cannot be made or read: {error.strerror}.") from error
    if len(key) < MIN_KEY_CHARACTERS:
        raise Misconfigured(f"The signing key {path} is damaged; remove it, and the next start makes another.")
    return key


def _made_or_read(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    if not path.exists():
        made.write_text("")
        made.chmod(0o600)
        made.write_text(secrets.token_urlsafe(32))
        try:
            os.link(made, path)  # of two that start at once, one wins and both use its key
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return path.read_text()
