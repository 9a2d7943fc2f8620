"""Keys of ``[run]`` that stand for objects: earlier runs, a budget, when it is enough."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from bayesopt.budget import Budget
    from bayesopt.minimize.ending import StopRule

T = TypeVar("T")


def read_words(run: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The table with its ``earlier`` and ``budget`` as ``Optimizer`` takes them. ``stop`` stays as
    it is written, checked, so that a file can keep it.

    Parameters
    ----------
    folder : where relative paths start.

    Raises
    ------
    ValueError, TypeError : for what they cannot be.
    """
    read = dict(run)
    if "stop" in run:
        read_stop(run["stop"])
    if "budget" in run:
        read["budget"] = read_budget(run["budget"])
    if "earlier" in run:
        if not all(isinstance(name, str) for name in run["earlier"]):
            raise TypeError(f"earlier must be a list of run files; got {run['earlier']!r}")
        read["earlier"] = [folder / name for name in run["earlier"]]
    return read


def read_budget(written: Mapping[str, Any]) -> Budget:
    """``{cost = 60}`` or ``{seconds = 3600}``."""
    from bayesopt.budget import Cost, Seconds

    kinds: dict[str, Callable[[Any], Budget]] = {"cost": Cost, "seconds": Seconds}
    return _one_of("budget", written, kinds)


def read_stop(written: str | Mapping[str, Any]) -> StopRule:
    """``"converged"``, ``{converged = 0.001}`` or ``{worth_it = 0.1}``."""
    from bayesopt.minimize.ending import Converged, WorthIt

    if written == "converged":
        return Converged()
    kinds: dict[str, Callable[[Any], StopRule]] = {"converged": Converged, "worth_it": WorthIt}
    return _one_of("stop", written, kinds)


def _one_of(key: str, written: object, kinds: Mapping[str, Callable[[Any], T]]) -> T:
    if not isinstance(written, Mapping) or len(written) != 1 or next(iter(written)) not in kinds:
        ways = " or ".join(f"{{{name} = NUMBER}}" for name in kinds)
        raise ValueError(f"{key} must be {ways}; got {written!r}")
    name, value = next(iter(written.items()))
    return kinds[name](value)
