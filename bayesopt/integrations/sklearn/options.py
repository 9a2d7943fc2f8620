"""``optimizer_kwargs``: our options, and scikit-optimize's as far as they mean something here."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any

from bayesopt.acquisition import EI, PI, UCB, LogEI
from bayesopt.checks import listed, suggestion
from bayesopt.design import InitialDesign
from bayesopt.proposal import RandomSearch

_OURS = (
    "surrogate", "acquisition", "proposer", "initial_design", "deterministic", "threads",
    "thresholds",
)  # fmt: skip
# How scikit-optimize does its computations; the result here does not depend on any of them.
_WITHOUT_EFFECT = (
    "initial_point_generator", "acq_optimizer", "acq_optimizer_kwargs", "n_jobs",
    "model_queue_size", "random_state", "avoid_duplicates",
)  # fmt: skip
_TRANSLATED = (
    "base_estimator", "n_initial_points", "n_random_starts", "acq_func", "acq_func_kwargs",
    "space_constraint",
)  # fmt: skip
_KAPPA = 1.96  # scikit-optimize's default


def read_options(given: Mapping[str, Any] | None) -> dict[str, Any]:
    """Options for :class:`~bayesopt.Optimizer`; :func:`constraint_of` reads ``space_constraint``.

    Raises
    ------
    TypeError, ValueError : for options that neither this package nor scikit-optimize has.
    """
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise TypeError(f"optimizer_kwargs must be a dict or None; got {given!r}")
    known = (*_OURS, *_WITHOUT_EFFECT, *_TRANSLATED)
    for name in given:
        if name not in known:
            raise ValueError(
                f"optimizer_kwargs: unknown option {name!r}{suggestion(name, known)}; "
                f"expected some of {listed(known, 20)}"
            )
    options = _surrogate(given.get("base_estimator", "GP"))
    if "acq_func" in given:
        options |= _acquisition(given["acq_func"], given.get("acq_func_kwargs") or {})
    n_first = given.get("n_initial_points", given.get("n_random_starts"))
    if n_first is not None:
        options["initial_design"] = InitialDesign(n=max(int(n_first), 1))
    if given.get("avoid_duplicates") is False:
        _say("avoid_duplicates=False has no effect: no point is evaluated twice")
    return options | {name: given[name] for name in _OURS if name in given}


def constraint_of(given: Mapping[str, Any] | None) -> Callable[[list[Any]], Any] | None:
    """The constraint on points among the options.

    Raises
    ------
    TypeError : when it cannot be called.
    """
    constraint = given.get("space_constraint") if isinstance(given, Mapping) else None
    if constraint is not None and not callable(constraint):
        raise TypeError(
            "optimizer_kwargs: space_constraint must be a function of a list of values; "
            f"got {constraint!r}"
        )
    return constraint


def _surrogate(estimator: Any) -> dict[str, Any]:
    if isinstance(estimator, str) and estimator.lower() == "dummy":
        return {"proposer": RandomSearch()}
    if not (isinstance(estimator, str) and estimator.upper() == "GP"):
        _say(
            f"base_estimator={estimator!r} has no effect: the model is a Gaussian process; "
            "'surrogate' takes another one of this package"
        )
    return {}


def _acquisition(name: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    if name == "gp_hedge":
        return {"acquisition": LogEI()}
    if name == "EI":
        return {"acquisition": EI()}
    if name == "PI":
        return {"acquisition": PI()}
    if name == "LCB":
        return {"acquisition": UCB(beta=float(options.get("kappa", _KAPPA)))}
    known = ("gp_hedge", "EI", "PI", "LCB", "EIps", "PIps", "MES", "PVRS")
    if name not in known:
        raise ValueError(
            f"optimizer_kwargs: acq_func must be one of {listed(known)}; got {name!r}"
        )
    _say(f"acq_func={name!r} has no counterpart: the log of the expected improvement is taken")
    return {"acquisition": LogEI()}


def _say(text: str) -> None:
    warnings.warn(f"optimizer_kwargs: {text}", UserWarning, stacklevel=5)
