"""Where a run's file lies, and what may be done to it there."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from bayesopt.storage.base import StorageError
from bayesopt.storage.mounts import network_type


@dataclass(frozen=True, slots=True)
class Place:
    """A path as an SQLite storage sees it; the file is never opened here.

    Opening and closing it, even to look at its first bytes, would cancel the locks that other
    connections of this process hold on it ("How To Corrupt An SQLite Database File", 2.2).

    Attributes
    ----------
    path : absolute path of the file, which need not exist.
    wal : whether a write-ahead log is wanted.
    read_only : whether the file is only looked at.
    """

    path: Path
    wal: bool
    read_only: bool

    @property
    def log(self) -> Path:
        """The write-ahead log beside the file."""
        return self.path.with_name(self.path.name + "-wal")

    @property
    def index(self) -> Path:
        """The index of the log, which all connections share."""
        return self.path.with_name(self.path.name + "-shm")

    @property
    def journal(self) -> Path:
        """What a killed process has left that was not writing to the log."""
        return self.path.with_name(self.path.name + "-journal")

    @property
    def has_log(self) -> bool:
        """Whether there are events that are in the log only."""
        try:
            return self.log.stat().st_size > 0
        except FileNotFoundError:  # also when another process tidies it away at this moment
            return False

    @property
    def identity(self) -> tuple[int, int] | None:
        """What tells this file from another one of the same name; None when it is missing."""
        try:
            status = self.path.stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino

    def check(self) -> bool:
        """Whether there is a file with something in it; StorageError when none can be kept."""
        try:
            return self._check()
        except StorageError:
            raise
        except (OSError, RuntimeError, ValueError) as error:  # a loop of links, a name too long
            raise StorageError(
                f"{str(self.path)[:200]} cannot be used as a file: "
                f"{getattr(error, 'strerror', None) or error}; give another path"
            ) from error

    def _check(self) -> bool:
        path, folder = self.path, self.path.parent
        exists = self._exists()
        if exists and not (path.is_file() or path.is_dir()):
            raise StorageError(f"{path} is no regular file; expected a path such as 'run.db'")
        if path.is_dir() or not folder.is_dir():
            what = "is a folder" if path.is_dir() else f"is in {folder}, which does not exist"
            raise StorageError(f"{path} {what}; expected the path of a file such as 'run.db'")
        if self.read_only and not exists:
            raise StorageError(f"{path} does not exist")
        if not self.read_only:
            self._check_writable(exists)
        # the log before the file: another process that just makes both writes the file first
        has_log = self.has_log
        if not exists or path.stat().st_size > 0:
            return exists
        if has_log:  # SQLite would delete it
            raise StorageError(f"{path} is empty, but its log is not: restore both")
        if self.read_only:
            raise StorageError(f"{path} is empty: no run was begun in it")
        return False

    def _exists(self) -> bool:
        try:
            self.path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return False  # a link to nowhere as well: SQLite makes what it points to
        return True

    def uri(self, *, looking: bool, past_locks: bool, anew: bool) -> str:
        """The file for ``sqlite3.connect``.

        Parameters
        ----------
        looking : nothing is written to it.
        past_locks : only what is in the file itself is seen, and nothing is made beside it.
        anew : it may be made.
        """
        immutable = self.read_only and not os.access(self.path.parent, os.W_OK)
        if immutable and self.has_log:
            raise StorageError(
                f"{self.path} has an unfinished log, which can only be read in a folder one may "
                f"write to; copy both it and {self.log.name} to one"
            )
        if looking:
            # who may write, and is the last to close, takes an empty log away again; but a full
            # one would be written to the file
            writes = self.may_tidy and not (self.has_log or self.journal.exists())
        else:
            writes = self.may_tidy or not self.read_only
        mode = "rw" if writes and not past_locks else "ro"
        if anew and not (looking or past_locks or self.read_only):
            mode = "rwc"
        return f"{self.path.as_uri()}?mode={mode}{'&immutable=1' * (immutable or past_locks)}"

    @property
    def may_tidy(self) -> bool:
        """Whether a connection that only looks may take the log's files away as the last to close
        it.
        """
        folder_sealed = not os.access(self.path.parent, os.W_OK)
        return not (self.read_only and folder_sealed) and self._may_write()

    def _check_writable(self, exists: bool) -> None:
        path, folder = self.path, self.path.parent
        sealed = exists and not self._may_write()
        if sealed or not os.access(folder, os.W_OK):
            what = "is read-only" if sealed else f"is in a folder one cannot write to ({folder})"
            raise StorageError(f"{path} {what}; make it writable or copy it elsewhere to go on")
        kind = network_type(path)
        if kind is not None and self.wal:
            raise StorageError(
                f"{path} is on a network file system ({kind}), where processes of different hosts "
                "would destroy it; use a local disk, or bo.SQLiteStorage(path, wal=False), which "
                "trusts that file system's locks"
            )

    def _may_write(self) -> bool:
        # mode bits as well: the superuser could write, but somebody has marked the file
        status = self.path.stat() if self.path.exists() else None
        return status is None or (bool(status.st_mode & 0o222) and os.access(self.path, os.W_OK))
