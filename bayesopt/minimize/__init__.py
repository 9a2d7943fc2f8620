"""A loop over ask and tell: one objective, one call, with workers, limits and a progress bar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bayesopt.minimize.api import maximize, minimize

if TYPE_CHECKING:
    from bayesopt.minimize.progress import ProgressBar as ProgressBar

__all__ = ["ProgressBar", "maximize", "minimize"]


def __getattr__(name: str) -> Any:  # loaded on first use: ``import bayesopt`` stays light
    if name == "ProgressBar":
        from bayesopt.minimize.progress import ProgressBar

        return ProgressBar
    raise AttributeError(f"module 'bayesopt.minimize' has no attribute {name!r}")
