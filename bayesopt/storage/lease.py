"""When a trial that was handed out may be handed out again."""

from __future__ import annotations

from dataclasses import dataclass

from bayesopt.storage.worker import Worker, WorkerStatus


@dataclass(frozen=True, slots=True)
class Lease:
    """Who has a trial, and until when at most.

    Attributes
    ----------
    worker : the process that asked (``str(Worker)``), or None when nobody waits for the result,
        as with a point that a person took from the command line.
    until : seconds since the epoch; matters only where the worker's status is unknown. None:
        for ever.
    """

    worker: str | None = None
    until: float | None = None

    def lost(self, now: float) -> str | None:
        """Why the trial is free again; None while it is not."""
        worker = None if self.worker is None else Worker.from_string(self.worker)
        status = WorkerStatus.UNKNOWN if worker is None else worker.status()
        if worker is not None and status is WorkerStatus.DEAD:
            return f"its worker {worker.name} died"
        if status is WorkerStatus.UNKNOWN and self.until is not None and now > self.until:
            return "its lease ran out" + (f" (worker {worker.name})" if worker else "")
        return None
