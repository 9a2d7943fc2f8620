"""The optional libraries: loaded late, quietly, and missed with a sentence that helps."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from types import ModuleType

from bayesopt.compiled import blas_threads


def require_bayes() -> None:
    """Refuse to go on without the extra.

    Raises
    ------
    ImportError : naming the extra.
    """
    missing = [name for name in ("pymc", "arviz") if find_spec(name) is None]
    if missing:
        raise ImportError(
            f"FullBayesGP needs {' and '.join(missing)}: pip install 'bayesopt-engine[bayes]' "
            "(or use MapGP(), the default surrogate, which needs neither)"
        )


def has_nutpie() -> bool:
    """Whether nutpie, the faster sampler, is installed."""
    return find_spec("nutpie") is not None


@contextmanager
def quiet() -> Iterator[None]:
    """Keep the libraries' warnings, log lines and threads to themselves inside the block.

    What their warnings would say is read from the chains and said once, in our own words.
    """
    loggers = [logging.getLogger(name) for name in ("pymc", "pytensor", "nutpie", "arviz")]
    levels = [log.level for log in loggers]
    with warnings.catch_warnings(), blas_threads():
        warnings.simplefilter("ignore")
        for log in loggers:
            log.setLevel(logging.CRITICAL)
        try:
            yield
        finally:
            for log, level in zip(loggers, levels, strict=True):
                log.setLevel(level)


def arviz() -> ModuleType:
    """ArviZ, whose import warns of its future in 0.23."""
    with quiet():
        import arviz

        return arviz  # type: ignore[no-any-return]
