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
    def has_log(self) -> bool:
        """Whether there are events that are in the log only."""
        return self.log.exists() and self.log.stat().st_size > 0

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
        path, folder = self.path, self.path.parent
        if path.is_dir() or not folder.is_dir():
            what = "is a folder" if path.is_dir() else f"is in {folder}, which does not exist"
            raise StorageError(f"{path} {what}; expected the path of a file such as 'run.db'")
        exists = path.exists()
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
        return False

    def uri(self, *, looking: bool, anew: bool) -> str:
        """The file for ``sqlite3.connect``; ``anew`` allows it to be made."""
        immutable = self.read_only and not os.access(self.path.parent, os.W_OK)
        if immutable and self.has_log:
            raise StorageError(
                f"{self.path} has an unfinished log, which can only be read in a folder one may "
                f"write to; copy both it and {self.log.name} to one"
            )
        # a connection that could write tidies up the log's files when it is the last to close
        may_tidy = not immutable and self._may_write()
        mode = "ro" if looking or (self.read_only and not may_tidy) else "rw"
        if anew and not looking and not self.read_only:
            mode = "rwc"
        return f"{self.path.as_uri()}?mode={mode}{'&immutable=1' if immutable else ''}"

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
