"""The two folders of the embedded PostgreSQL: the one for its data, and the short one for its socket."""

import os
import stat
from contextlib import suppress
from pathlib import Path

from adapters.postgres.account import Account, EmbeddedPostgresUnusable


def open_data_folder(data: Path, *, account: Account) -> None:
    """Make the data folder if it is not there, private to this process and, where that is another user, `account`.

    Another user gets no more than the way through it. No folder is opened that was there above it, nor one that was
    there with other things in it.
    """
    if not account.is_somebody_else:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        return
    ours = not data.exists() or (data / "run" / "start.lock").exists() or not any(data.iterdir())
    above = next(folder for folder in (data.parent if ours else data, *data.parents) if folder.exists())
    if account.may_enter(above):
        for missing in reversed([folder for folder in data.parents if not folder.exists()]):
            missing.mkdir(exist_ok=True)
            missing.chmod(0o711)
        data.mkdir(mode=0o700, exist_ok=True)
        if ours and not account.may_enter(data):
            os.chown(data, -1, account.gid)
            data.chmod(0o710)
        if account.may_enter(data):
            return
    raise EmbeddedPostgresUnusable(
        f"PostgreSQL does not run as root but as the user {account.name!r}, who cannot enter {data}: "
        "choose another ACTIONBUS_DATA, a new folder with none above it that is closed to this user."
    )


def own_socket_folder(folder: Path, *, account: Account) -> None:
    """Make the socket's folder, or make sure that the one which is there is ours: anybody can write in its parent."""
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    try:
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError as failure:
        raise _not_ours(folder) from failure
    try:
        found = os.fstat(opened)
        if found.st_uid not in (os.geteuid(), account.uid):
            raise _not_ours(folder)
        if found.st_uid != account.uid:
            os.fchown(opened, account.uid, account.gid)
        if stat.S_IMODE(found.st_mode) != stat.S_IRWXU:
            os.fchmod(opened, stat.S_IRWXU)
    finally:
        os.close(opened)


def _not_ours(folder: Path) -> EmbeddedPostgresUnusable:
    return EmbeddedPostgresUnusable(
        f"{folder}, the folder for PostgreSQL's socket, was made by somebody else: "
        "remove it, or choose another ACTIONBUS_DATA, which gives it another name."
    )
