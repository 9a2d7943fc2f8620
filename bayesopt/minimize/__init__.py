"""A loop over ask and tell: one objective, one call, with workers, limits and a progress bar."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from bayesopt.minimize.api import maximize, minimize

if TYPE_CHECKING:
    from bayesopt.minimize.progress import ProgressBar as ProgressBar
    from bayesopt.minimize.running import RunningTrial as RunningTrial

__all__ = ["ProgressBar", "RunningTrial", "maximize", "minimize"]

_LAZY = {"ProgressBar": "progress", "RunningTrial": "running"}


def __getattr__(name: str) -> Any:  # loaded on first use: ``import bayesopt`` stays light
    if name in _LAZY:
        return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
    raise AttributeError(f"module 'bayesopt.minimize' has no attribute {name!r}")
