"""The executors of ``minimize``, and what it must know of other libraries' executors."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from typing import Any

# A worker's death as schedulers report it. Named, not imported: these libraries are optional.
_LOSSES = frozenset({"KilledWorker", "WorkerCrashedError", "NodeDiedError", "RayActorError"})


class Inline(Executor):
    """Runs what it is given at once, in the calling thread."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Call ``fn`` and return a future that is done; Ctrl-C passes straight through."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class DaemonThreads(Executor):
    """A thread of its own for each call; none of them is waited for when the program ends.

    ``ThreadPoolExecutor`` joins its threads at exit and never gets back the slot of a call that
    hangs; with a time limit per trial both are wrong.
    """

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Start ``fn`` in a new daemon thread."""
        future: Future[Any] = Future()

        def work() -> None:
            future.set_running_or_notify_cancel()
            try:
                future.set_result(fn(*args, **kwargs))
            except BaseException as error:  # the waiting thread raises it again
                future.set_exception(error)

        threading.Thread(target=work, name="bayesopt-trial", daemon=True).start()
        return future


def width(executor: Executor) -> int | None:
    """How many calls the executor runs at once, when it says so."""
    workers = getattr(executor, "_max_workers", None)
    return workers if isinstance(workers, int) else None


def capacity(executor: Executor) -> int | None:
    """How many calls a cluster can run at once now, which may be none; None: it cannot be asked.

    An executor may answer for itself with a method ``capacity``, as this project's for Ray does.
    """
    ask = getattr(executor, "capacity", None)
    if callable(ask):
        return int(ask())
    client = _dask_client(executor)
    if client is None:
        return None
    try:
        return sum(client.nthreads().values()) if client.status == "running" else 0
    except Exception:  # the scheduler went away between two looks, in whatever way
        return 0


def submit(executor: Executor, fn: Callable[[], Any], name: str) -> Future[Any]:
    """Submit a call, on a Dask cluster under a name by which :func:`waits_behind` finds it."""
    if _dask_client(executor) is None:
        return executor.submit(fn)
    future: Future[Any] = executor.submit(fn, key=name)  # type: ignore[call-arg]  # Dask's own
    return future


def waits_behind(executor: Executor, name: str) -> bool:
    """Whether a call has not begun because others hold the threads of the worker it was sent to.

    Dask sends a few calls ahead to each worker, where they may stay behind one that hangs. Names
    sort as the calls were submitted, which is the order in which a worker takes them.
    """
    client = _dask_client(executor)
    if client is None:
        return False
    try:
        threads = client.nthreads()
        return any(
            name in sorted(map(str, sent))[threads.get(worker, 0) :]  # the scheduler has no order
            for worker, sent in client.processing().items()
        )
    except Exception:  # as above
        return False


def _dask_client(executor: Executor) -> Any:
    client = getattr(executor, "_client", None)
    return client if type(executor).__module__.startswith("distributed.") else None


def stops_calls(executor: Executor) -> bool:
    """Whether cancelling a future of a cluster stops a call that is running."""
    return bool(getattr(executor, "stops_calls", False))


def successor(executor: Executor, n_workers: int) -> Executor | None:
    """A fresh executor in place of one whose workers died or hang; None when there is no telling.

    A process pool never works again after one of its processes died, so a run that is to go on
    needs a new one with the settings of the old.
    """
    if type(executor) is not ProcessPoolExecutor:
        return None
    return ProcessPoolExecutor(
        width(executor) or n_workers,
        mp_context=getattr(executor, "_mp_context", None),
        initializer=getattr(executor, "_initializer", None),
        initargs=getattr(executor, "_initargs", ()),
    )


def kill(executor: Executor) -> None:
    """End an executor without waiting; processes that still compute are killed."""
    processes = list((getattr(executor, "_processes", None) or {}).values())
    end(executor, wait=False)
    for process in processes:
        process.kill()


def end(executor: Executor, *, wait: bool) -> None:
    """Shut an executor down; calls that have not begun are cancelled where it can do that."""
    try:
        executor.shutdown(wait=wait, cancel_futures=True)
    except TypeError:  # loky's takes other arguments
        executor.shutdown(wait=wait)


def is_worker_loss(error: BaseException) -> bool:
    """Whether the error of a future means that its worker died (it says nothing of the point)."""
    return type(error).__name__ in _LOSSES
