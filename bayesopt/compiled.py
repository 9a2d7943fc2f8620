"""Access to the compiled kernels: loaded on first use, never at ``import bayesopt``.

numba raises at decoration when no cache location can be written (read-only containers, some
clusters); then they are kept among the user's temporary files instead, and a log line says so.
"""

from __future__ import annotations

import importlib
import logging
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesopt import kernel_cache

logger = logging.getLogger("bayesopt")
loading = threading.RLock()  # held while a kernel is loaded or compiled
_SLOW_COMPILE = 1.0  # seconds after which a compilation is worth a word


@cache
def _load(name: str) -> ModuleType:
    with loading:
        full = f"bayesopt_kernels.{name}"
        try:
            return importlib.import_module(full)
        except RuntimeError as error:
            if "no locator available" not in str(error):
                raise
            from numba.core import config

            place, kept = kernel_cache.folder()
            config.CACHE_DIR = str(place)
            logger.warning(
                "no writable place for compiled kernels was found beside the package or at home; "
                "%s %s (NUMBA_CACHE_DIR can name another writable folder)",
                "they are kept in" if kept else "each process compiles them anew, into",
                place,
            )
            for loaded in [m for m in sys.modules if m.startswith("bayesopt_kernels.")]:
                del sys.modules[loaded]
            return importlib.import_module(full)


class _Kernels:
    """A kernel module as an attribute-for-attribute proxy that imports it when first used."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, kernel: str) -> Callable[..., Any]:
        function: Callable[..., Any] = getattr(_load(self._name), kernel)
        if getattr(function, "signatures", True) == []:
            function = _announced(function, f"{self._name}.{kernel}")
        else:
            self.__dict__[kernel] = function  # compiled: from now on a plain attribute
        return function


def _announced(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    from numba.core import event

    def call(*args: Any) -> Any:
        start = time.perf_counter()
        # two threads would compile the same kernel twice
        with loading, event.install_listener("numba:compile", _listener()):
            result = function(*args)
        seconds = time.perf_counter() - start
        if seconds > _SLOW_COMPILE:
            logger.info("compiled %s in %.1f s (kept on disk for the next run)", name, seconds)
        return result

    return call


@cache
def _listener() -> Any:
    """Notes compilations, not code loaded from the disk."""
    from numba.core import event

    class Compilations(event.Listener):  # type: ignore[misc]
        def on_start(self, event: Any) -> None:
            if event.data["dispatcher"].py_func.__module__.startswith("bayesopt_kernels."):
                _say_that_it_takes_a_while()

        def on_end(self, event: Any) -> None:
            pass

    return Compilations()


@cache  # once in a process
def _say_that_it_takes_a_while() -> None:
    logger.warning(
        "the kernels are compiled for this machine, once, which takes about ten seconds "
        "(`bayesopt warmup` does it ahead of time)"
    )


chebyshev = _Kernels("chebyshev")
covariance = _Kernels("covariance")
acquisition = _Kernels("acquisition")
expected_hypervolume = _Kernels("expected_hypervolume")
hypervolume = _Kernels("hypervolume")
ascent = _Kernels("ascent")
additive = _Kernels("additive")
derivatives = _Kernels("derivatives")
knowledge_gradient = _Kernels("knowledge_gradient")
pairs = _Kernels("pairs")


def floats(array: Any) -> NDArray[np.float64]:
    """``array`` as writable C-ordered float64, so that every kernel has one specialisation."""
    # nearly every array is one: asking takes a fifth of what np.require does
    if type(array) is np.ndarray and array.dtype == np.float64 and array.flags.carray:
        return array
    return np.require(array, dtype=np.float64, requirements=["C", "W"])


def integers(array: Any) -> NDArray[np.int64]:
    """``array`` as writable C-ordered int64."""
    return np.require(array, dtype=np.int64, requirements=["C", "W"])


def blas_threads(threads: int = 1) -> AbstractContextManager[Any]:
    """Limit BLAS to ``threads`` inside the block.

    Matrices here are small: at n=100 two threads on a busy machine were up to a hundred times
    slower than one, and one thread makes results independent of the environment.
    """
    limit: AbstractContextManager[Any] = _controller().limit(limits=threads, user_api="blas")
    return limit


@cache
def _controller() -> Any:
    import scipy.linalg.lapack  # noqa: F401  (its BLAS must be loaded to be found)
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
