"""Whether a file's own command may run: nothing that somebody else wrote does so unasked.

A file says who described its run: user, host and path. All of that can be guessed, so the
description carries a seal too: a keyed hash of it, with a key that only this user can read.
"""

from __future__ import annotations

import getpass
import hashlib
import hmac
import json
import os
import platform
import secrets
import shlex
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from bayesopt.text import one_line

_KEY_BYTES = 32
_SEALED = ("objective", "run", "by")


def author(file: Path) -> dict[str, str]:
    """Who describes a run, and where: for the event that keeps how it is evaluated."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container's user may have no name
        user = str(os.getuid()) if hasattr(os, "getuid") else "unknown"
    return {"user": user, "host": platform.node(), "path": str(file.resolve())}


def sealed(description: Mapping[str, Any]) -> dict[str, Any]:
    """The description with this user's seal; without one where no key can be kept."""
    key = _key(make=True)
    return dict(description) | ({} if key is None else {"seal": _seal(description, key)})


def is_own(description: Mapping[str, Any], file: Path) -> bool:
    """Whether this user, on this host, described the run in this very file."""
    if description.get("by") != author(file):
        return False
    key, seal = _key(make=False), description.get("seal")
    return (
        key is not None
        and isinstance(seal, str)
        and hmac.compare_digest(_seal(description, key), seal)
    )


def what_would_run(description: Mapping[str, Any], file: Path) -> str:
    """Who described a run, and what evaluating its points means, for a person to judge."""
    objective, by = description["objective"], description.get("by")
    if not isinstance(by, Mapping):
        who = "does not say who described its run"
    elif dict(by) == author(file):
        who = "names you as the one who described its run, but does not carry your seal"
    else:
        user, host, path = (by.get(key, "?") for key in ("user", "host", "path"))
        who = f"was described by {user} on {host} as {path}"
    if objective["callable"] is None:
        what = f"runs the command    {shlex.join(objective['command'])}"
    else:
        what = f"imports and calls    {objective['callable']}"
    lines = [
        f"{file} {who}.",
        f"To evaluate a point it {what}",
        f"in the folder    {objective['folder']}",
    ]
    if objective.get("workdir"):
        copied = [*objective.get("files", ()), *objective.get("templates", ())]
        what = f", with copies of {', '.join(map(str, copied))}" if copied else ""
        lines.append(f"each in a folder of its own    {objective['workdir']}{what}")
    return "\n".join(map(one_line, lines))


def _seal(description: Mapping[str, Any], key: bytes) -> str:
    text = json.dumps({k: description.get(k) for k in _SEALED}, sort_keys=True)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def _key(*, make: bool) -> bytes | None:
    """This user's key; None when there is none, or it is not this user's alone."""
    path = _key_file()
    if path is None:
        return None
    if make and not path.exists():
        with suppress(OSError):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # made whole under another name: a second process never sees half of it
            part = path.with_name(f"{path.name}.{os.getpid()}")
            with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as new:
                new.write(secrets.token_bytes(_KEY_BYTES))
            try:
                os.link(part, path)  # fails when there is one already
            finally:
                part.unlink()
    with suppress(OSError), open(path, "rb") as kept:
        status = os.fstat(kept.fileno())
        private = not hasattr(os, "getuid") or (
            status.st_uid == os.getuid() and not status.st_mode & 0o077
        )
        key = kept.read()
        return key if private and len(key) == _KEY_BYTES else None
    return None


def _key_file() -> Path | None:
    """In the user's folder for state (XDG Base Directory Specification); None: no home."""
    given = os.environ.get("LOCALAPPDATA" if os.name == "nt" else "XDG_STATE_HOME", "")
    try:
        base = Path(given) if given else Path.home() / ".local" / "state"
    except RuntimeError:
        return None
    return base / "bayesopt" / "seal.key"
