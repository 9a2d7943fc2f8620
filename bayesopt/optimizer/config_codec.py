"""The exchangeable parts of an optimizer: their defaults, and how a stored run names them."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Mapping
from dataclasses import is_dataclass
from importlib import import_module
from typing import Any, cast

from bayesopt.acquisition import Acquisition
from bayesopt.stopping import StoppingRule
from bayesopt.strategy.config import (
    DEFAULTS,
    PART_MODULES,
    ProposalConfig,
    check_acquisition,
    check_part,
    default_acquisition,
)
from bayesopt.strategy.config import PARTS as PROPOSAL_PARTS

PARTS: Mapping[str, type] = {**PROPOSAL_PARTS, "early_stopping": StoppingRule}
_MODULES = (*PART_MODULES, "stopping")

_PATH = re.compile(
    r"([\w.]+):([\w.<>]+)"
)  # module:qualname, of a class that is not this package's
_NUMBERS = {"inf": math.inf, "nan": math.nan}
# what parts and their options were called in files of the first version
_RENAMED = {"Gates": "ConvergenceThresholds"}
_RENAMED_OPTIONS: Mapping[str, Mapping[str, str]] = {
    "FullBayesGP": {"gates": "thresholds"},
    "MapGP": {"bend_penalty": "warp_penalty", "ripple": "short_scale"},
    "Priors": {
        "ripple_variance": "short_variance",
        "ripple_lengthscale": "short_lengthscale",
    },
}


def complete(
    given: Mapping[str, object], stored: Mapping[str, str], n_objectives: int = 1
) -> dict[str, Any]:
    """All parts: the given ones (not None), else those of the stored run, else the defaults.

    Raises
    ------
    TypeError, ValueError : for a part of the wrong kind, or not for so many objectives.
    MissingPart : for a stored part that cannot be made from its description.
    """
    parts: dict[str, Any] = {}
    for name in PARTS:
        part = given.get(name)
        if part is None and name in stored:
            part = read(name, stored[name])
        elif part is None and name in DEFAULTS:
            part = DEFAULTS[name]()
            if name == "acquisition":
                part = default_acquisition(n_objectives)
        elif part is None:
            continue  # what decides on early stopping is kept with the run only where it was given
        if name in PROPOSAL_PARTS and not isinstance(part, Absent):
            check_part(name, part)
            if name == "acquisition":
                check_acquisition(cast(Acquisition, part), n_objectives)
        parts[name] = part
    return parts


class MissingPart(ValueError):
    """A stored run has a part that only its author can make; what was asked for needs it."""


class Absent:
    """Stands for a stored part that cannot be made from its description.

    Trials can be read and told without it; whatever uses it raises :class:`MissingPart`.

    Attributes
    ----------
    seed : of the run whose part it is.
    """

    def __init__(self, text: str, reason: MissingPart) -> None:
        self.seed = 0
        self._text = text
        self._reason = reason

    def __repr__(self) -> str:
        return self._text

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # what copy and pickle look for
            raise AttributeError(name)
        raise MissingPart(*self._reason.args)


def absent(stored: Mapping[str, str]) -> dict[str, Absent]:
    """Those of the stored parts that cannot be made."""
    found = {}
    for name, text in stored.items():
        try:
            if name in PARTS:
                read(name, text)
        except MissingPart as reason:
            found[name] = Absent(text, reason)
    return found


def configured(seed: int, n_trials: int | None, chosen: Mapping[str, Any]) -> ProposalConfig:
    """The configuration of a run; where a part is absent, one that says so when it is used."""
    chosen = {name: part for name, part in chosen.items() if name in PROPOSAL_PARTS}
    for part in chosen.values():
        if isinstance(part, Absent):
            part.seed = seed
            return cast(ProposalConfig, part)
    return ProposalConfig(seed, n_trials=n_trials, **chosen)


def write(parts: Mapping[str, object]) -> dict[str, str]:
    """What a stored run says of its parts."""
    return {name: described(part) for name, part in parts.items()}


def described(part: object) -> str:
    """One part in words: its class and fields, with the import path of a class from outside.

    The path is there to be read by people. Nothing is imported by it.
    """
    cls = type(part)
    if isinstance(part, Absent) or cls.__module__.split(".")[0] == "bayesopt":
        return repr(part)
    fields = repr(part).removeprefix(cls.__qualname__) if is_dataclass(part) else ""
    return f"{cls.__module__}:{cls.__qualname__}{fields}"


def read(name: str, text: str) -> Any:
    """The part that :func:`write` described. Only this package's own dataclasses are ever made."""
    if path := _PATH.match(text):
        module, qualname = path.groups()
        raise MissingPart(
            f"the stored run has {name}={text}, a class of your own, and nothing is imported "
            f"because a file names it; give {name}= to continue it: from {module} import "
            f"{qualname.split('.')[0]}, then Optimizer.reopen(file, {name}={qualname}(...))"
        )
    try:
        part = _build(ast.parse(text, mode="eval").body)
    except (SyntaxError, TypeError, ValueError, RecursionError, MemoryError) as error:
        raise MissingPart(
            f"the stored run has {name}={text}, which cannot be made from this description "
            f"({error}); give {name}= to continue it: Optimizer.reopen(file, {name}=...)"
        ) from None
    if not isinstance(part, PARTS[name]):
        raise MissingPart(
            f"the stored run has {name}={text}, which is no {PARTS[name].__name__}; give {name}= "
            f"to continue it: Optimizer.reopen(file, {name}=...)"
        )
    return part


def _build(node: ast.expr) -> Any:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.args:
        name = _RENAMED.get(node.func.id, node.func.id)
        cls, renamed = _class(name), _RENAMED_OPTIONS.get(name, {})
        options = {str(k.arg): _build(k.value) for k in node.keywords}
        return cls(**{renamed.get(option, option): value for option, value in options.items()})
    if isinstance(node, ast.Name) and node.id in _NUMBERS:
        return _NUMBERS[node.id]
    if isinstance(node, ast.Tuple):
        return tuple(_build(item) for item in node.elts)
    return ast.literal_eval(node)


def _class(name: str) -> Any:
    for module in _MODULES:
        found = getattr(import_module(f"bayesopt.{module}"), name, None)
        if isinstance(found, type) and is_dataclass(found):
            return found
    raise ValueError(f"{name} is not a part of bayesopt")
