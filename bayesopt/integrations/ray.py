"""Ray as an executor: ``bo.minimize(f, space, executor=RayExecutor())``."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any


class RayExecutor(Executor):
    """Runs each call as a Ray task.

    A worker that dies is told at once rather than tried again by Ray, which would not know that
    the point may be to blame; ``minimize`` tries it again, alone.

    Parameters
    ----------
    **options : of a Ray task, such as ``num_cpus=2``, ``num_gpus=1``, ``runtime_env={...}``.

    Raises
    ------
    ImportError : Ray is not installed.
    """

    def __init__(self, **options: Any) -> None:
        try:
            import ray
        except ModuleNotFoundError as error:
            if error.name != "ray":
                raise  # it is there and lacks something itself
            raise ImportError("RayExecutor needs ray: pip install ray", name="ray") from error

        if not ray.is_initialized():
            ray.init(log_to_driver=False, include_dashboard=False)
        self._options = {"num_cpus": 1, "max_retries": 0, **options}
        self._task = ray.remote(**self._options)(_call)
        self._refs: set[Any] = set()
        self._max_workers = max(self.capacity(), 1)  # for minimize's n_workers

    def capacity(self) -> int:
        """How many such tasks the cluster can run at once now."""
        import ray

        cpus = ray.cluster_resources().get("CPU", 0.0)
        return int(cpus / max(self._options["num_cpus"], 1e-9))

    @property
    def stops_calls(self) -> bool:
        """True: cancelling a future kills the process that runs its call."""
        return True

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Start ``fn`` somewhere on the cluster."""
        ref = self._task.remote(fn, args, kwargs)
        self._refs.add(ref)
        future: Future[Any] = Future()

        def answer(inner: Future[Any]) -> None:
            self._refs.discard(ref)
            if not future.set_running_or_notify_cancel():
                return
            error = inner.exception()
            if error is None:
                future.set_result(inner.result())
            else:
                future.set_exception(error)

        ref.future().add_done_callback(answer)
        future.add_done_callback(lambda outer: self._cancel(ref) if outer.cancelled() else None)
        return future

    def _cancel(self, ref: Any) -> None:
        import ray

        if ref in self._refs:
            ray.cancel(ref, force=True)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Wait for the tasks, or cancel them; the cluster is left as it is."""
        import ray

        pending = list(self._refs)
        if cancel_futures:
            for ref in pending:
                self._cancel(ref)
        elif wait and pending:
            ray.wait(pending, num_returns=len(pending))


def _call(fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return fn(*args, **kwargs)
