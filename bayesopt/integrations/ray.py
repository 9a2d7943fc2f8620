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
    """

    def __init__(self, **options: Any) -> None:
        import ray

        if not ray.is_initialized():
            ray.init(log_to_driver=False, include_dashboard=False)
        self._options = {"num_cpus": 1, "max_retries": 0, **options}
        self._task = ray.remote(**self._options)(_call)
        self._refs: set[Any] = set()
        # how many such tasks the cluster runs at once, for minimize's n_workers
        cpus = ray.cluster_resources().get("CPU", 1.0)
        self._max_workers = max(int(cpus / max(self._options["num_cpus"], 1e-9)), 1)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Start ``fn`` somewhere on the cluster."""
        ref = self._task.remote(fn, args, kwargs)
        future: Future[Any] = ref.future()
        self._refs.add(ref)
        future.add_done_callback(lambda _: self._refs.discard(ref))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Wait for the tasks, or cancel them; the cluster is left as it is."""
        import ray

        pending = list(self._refs)
        if cancel_futures:
            for ref in pending:
                ray.cancel(ref)
        elif wait and pending:
            ray.wait(pending, num_returns=len(pending))


def _call(fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return fn(*args, **kwargs)
