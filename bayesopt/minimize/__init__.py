"""A loop over ask and tell: one objective, one call, with workers, limits and a progress bar."""

from bayesopt.minimize.api import maximize, minimize

__all__ = ["maximize", "minimize"]
