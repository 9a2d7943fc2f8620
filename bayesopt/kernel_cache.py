"""Where compiled kernels go when numba finds no place for them: one folder a user, kept.

Code that is loaded from a folder runs. So a folder is used only when nobody else (root aside) can
write into it, or put another one in its place.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import stat
import tempfile
from importlib.util import find_spec
from pathlib import Path


def folder() -> tuple[Path, bool]:
    """A folder to keep compiled kernels in, and whether the next process will find it again.

    It is one of the user's own among the temporary files; where another user could write to that
    one, a folder for this process alone, which goes when the process does.
    """
    uid = os.getuid() if hasattr(os, "getuid") else None
    name = "bayesopt-kernels" if uid is None else f"bayesopt-kernels-{uid}"
    kept = Path(tempfile.gettempdir()).resolve() / name
    try:
        if uid is None or all(_is_safe(path, uid, shared=True) for path in kept.parents):
            kept.mkdir(mode=0o700, exist_ok=True)
            if uid is None or _is_safe(kept, uid):
                return kept / _version(), True
    except OSError:  # a file or somebody's dead link is in its place
        pass
    alone = Path(tempfile.mkdtemp(prefix=f"{name}-"))
    atexit.register(_remove, alone, os.getpid())
    return alone, False


def _remove(path: Path, owner: int) -> None:
    if os.getpid() == owner:  # not at the end of a forked child
        shutil.rmtree(path, ignore_errors=True)


def _is_safe(path: Path, uid: int, *, shared: bool = False) -> bool:
    """Whether what is in a folder is this user's doing, or root's.

    ``shared`` allows others to add to it as long as they cannot replace what is not theirs.
    """
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (uid, *((0,) if shared else ())):
        return False
    writable_by_others = bool(found.st_mode & (stat.S_IWGRP | stat.S_IWOTH))
    return not writable_by_others or (shared and bool(found.st_mode & stat.S_ISVTX))


def _version() -> str:
    """A name for this state of the kernels: the folder outlives an update of the package."""
    spec = find_spec("bayesopt_kernels")
    digest = hashlib.sha256()
    for place in (spec and spec.submodule_search_locations) or ():
        for file in sorted(Path(place).glob("*.py")):
            digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
