"""Whether the tool that a plug-in is for is there, and new enough."""

from __future__ import annotations

import re
from importlib import import_module, metadata


def require(module: str, *, extra: str, at_least: str, distribution: str | None = None) -> None:
    """Import a plug-in's host, or say what to install.

    Parameters
    ----------
    module : what is imported.
    extra : the extra of this package that brings it.
    at_least : the oldest version that works, as "4.0".
    distribution : its name in the package index where that is not ``module``.

    Raises
    ------
    ImportError : when it is not installed or too old.
    """
    install = f'pip install -U "bayesopt-engine[{extra}]"'
    name = distribution or module
    try:
        import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.partition(".")[0]:
            raise  # the host is there and lacks something itself: its own message says more
        raise ImportError(
            f"bayesopt.integrations.{extra} needs {name}, which is not installed: {install}",
            name=module,
        ) from error
    found = metadata.version(name)
    if _numbers(found) < _numbers(at_least):
        raise ImportError(
            f"bayesopt.integrations.{extra} needs {name} {at_least} or newer; found {found}: "
            f"{install}",
            name=module,
        )


def _numbers(version: str) -> tuple[int, ...]:
    leading = re.match(r"\d+(\.\d+)*", version)
    return tuple(int(part) for part in leading.group().split(".")) if leading else ()
