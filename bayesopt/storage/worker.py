"""Who evaluates a trial, and whether that process still lives.

A heartbeat would need the interpreter lock, which an objective in C may hold for hours; so life is
asked of the operating system: the process with this id that was started at this moment. That is
known on the same machine only; elsewhere a lease decides.
"""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
from dataclasses import dataclass, fields
from enum import Enum
from functools import lru_cache
from pathlib import Path


class WorkerStatus(Enum):
    """What is known of a worker; the member's value is the sentence shown to a person."""

    ALIVE = "its process runs"
    DEAD = "its process is gone"
    UNKNOWN = "it runs elsewhere: nothing can be said"


@dataclass(frozen=True, slots=True)
class Worker:
    """A process, told apart from every other one that was or will be.

    Attributes
    ----------
    host : name of the host.
    pid : process id.
    start : when the process started, in the operating system's own terms; "" if it does not say.
    machine, boot, namespace : marks of the machine, of its present uptime, and of the set of
        process ids the process lives in (a container has its own); "" where unknown.
    """

    host: str
    pid: int
    start: str
    machine: str
    boot: str
    namespace: str

    def __str__(self) -> str:
        """The form kept in events."""
        return "|".join(str(getattr(self, field.name)) for field in fields(self))

    @property
    def name(self) -> str:
        """Host and process id, for people."""
        return f"{self.host}:{self.pid}"

    @classmethod
    def from_string(cls, text: str) -> Worker | None:
        """The worker that ``str`` wrote; None for any other name."""
        parts = text.split("|")
        if len(parts) != len(fields(cls)) or not parts[1].isdecimal():
            return None
        host, pid, *rest = parts
        return cls(host, int(pid), *rest)

    def status(self) -> WorkerStatus:
        """Whether this worker still runs, as far as can be seen from here."""
        here = this_worker()
        if not self.start or not self.machine or self.machine != here.machine:
            return WorkerStatus.UNKNOWN
        if self.boot != here.boot:
            return WorkerStatus.DEAD  # the same machine has been started anew since
        if (self.host, self.namespace) != (here.host, here.namespace):
            return WorkerStatus.UNKNOWN
        return WorkerStatus.ALIVE if _start_of(self.pid) == self.start else WorkerStatus.DEAD


def this_worker() -> Worker:
    """The process that runs this."""
    return _worker(os.getpid())


@lru_cache(maxsize=4)
def _worker(pid: int) -> Worker:
    host = socket.gethostname().replace("|", "_")
    return Worker(host, pid, _start_of(pid) or "", _machine(), _boot(), _namespace())


def _start_of(pid: int) -> str | None:
    """When a running process started; None if there is none (one that only waits to be reaped)."""
    if Path("/proc/self/stat").exists():
        try:
            line = Path(f"/proc/{pid}/stat").read_text(errors="replace")
        except OSError:
            return None
        state, *rest = line[line.rindex(")") + 2 :].split()  # proc(5): fields 3 and on
        return None if state in "ZX" else rest[18]  # field 22, in clock ticks since boot
    if os.name == "posix":
        command = ["ps", "-o", "stat=,lstart=", "-p", str(pid)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        state, _, start = done.stdout.strip().partition(" ")
        return None if not start or state.startswith("Z") else "-".join(start.split())
    return None


def _machine() -> str:
    for path in ("/etc/machine-id", "/var/lib/dbus/machine-id"):
        text = _read(path)
        if text:
            return _mark(text)
    # a machine without the file: this uptime is all that can be recognised again
    return _mark(_boot()) if _boot() else _mark(socket.gethostname())


def _boot() -> str:
    return _mark(_read("/proc/sys/kernel/random/boot_id"))


def _namespace() -> str:
    try:
        return "".join(filter(str.isdigit, os.readlink("/proc/self/ns/pid")))
    except OSError:
        return ""


def _read(path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""


def _mark(text: str) -> str:
    # the machine's own name should not travel with the file
    return hashlib.blake2b(text.encode(), digest_size=4).hexdigest() if text else ""
