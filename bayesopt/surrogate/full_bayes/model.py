"""The sampled model in PyMC: named variables, and the compiled evidence as their likelihood."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bayesopt.checks import function
from bayesopt.surrogate.features import Columns
from bayesopt.surrogate.full_bayes.layout import DIMS, Layout, SaasPriors, log_normal_layout
from bayesopt.surrogate.prior import Priors

if TYPE_CHECKING:
    from bayesopt.surrogate.full_bayes.op import Slot

Build = Callable[[tuple[str, ...], tuple[str, ...]], Mapping[str, Any]]


@dataclass(frozen=True)
class OwnPriors:
    """Priors built by a function, in PyMC.

    Attributes
    ----------
    build : called within the model with the names of the numeric and of the categorical
        parameters; returns PyMC variables or expressions by name: ``lengthscale`` (dims
        "parameter"), ``outputscale``, ``noise`` (a variance), ``category_weight`` (dims
        "category"), all positive, over standardised values and coordinates in [0, 1]. What it
        leaves out has the default prior.

    Examples
    --------
    >>> def short(parameters, categories):
    ...     import pymc as pm
    ...     return {"lengthscale": pm.InverseGamma("lengthscale", 3.0, 1.0, dims="parameter")}
    >>> surrogate = bo.FullBayesGP(priors=OwnPriors(short))
    """

    build: Build

    def __post_init__(self) -> None:
        function("build", self.build, "a function of two tuples of names")


HyperPriors = Priors | SaasPriors | OwnPriors


def layout_of(priors: HyperPriors, columns: Columns, *, deterministic: bool) -> Layout:
    """The variables of built-in priors; for a user's own, of the default ones."""
    if isinstance(priors, SaasPriors):
        return priors.layout(columns, deterministic=deterministic)
    base = priors if isinstance(priors, Priors) else Priors()
    return log_normal_layout(base, columns, deterministic=deterministic)


def names_of(columns: Columns) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of the numeric and of the categorical parameters; numbers where there are no names."""
    names = getattr(columns, "names", ()) or tuple(
        f"x{j}" for j in range(len(columns.categorical))
    )
    return tuple(names[j] for j in columns.numeric), tuple(names[j] for j in columns.categories)


def coords_of(columns: Columns) -> dict[str, list[str]]:
    """Labels of the dimensions "parameter" and "category", those without members left out."""
    named = zip(("parameter", "category"), names_of(columns), strict=True)
    return {dim: list(names) for dim, names in named if names}


def pymc_model(priors: HyperPriors, columns: Columns, slot: Slot, *, deterministic: bool) -> Any:
    """A ``pymc.Model`` of the hyperparameters given the data in ``slot``.

    Raises
    ------
    TypeError, ValueError : when a user's function gives something else than named variables.
    """
    import pymc

    layout = layout_of(priors, columns, deterministic=deterministic)
    with pymc.Model(coords=coords_of(columns)) as model:
        own = _own(priors, columns) if isinstance(priors, OwnPriors) else {}
        log_theta = _own_log_theta(own, layout, model) if own else _log_theta(layout, model)
        _likelihood(log_theta, slot)
    return model


def _likelihood(log_theta: Any, slot: Slot) -> None:
    import pymc

    from bayesopt.surrogate.full_bayes.op import LogEvidence

    pymc.Potential("log_evidence", LogEvidence(slot)(log_theta)[0])


def _log_theta(layout: Layout, model: Any) -> Any:
    """The evidence's vector as an expression of the layout's variables."""
    import pymc
    import pytensor.tensor as pt

    logs = [
        pt.log(v.density.pymc(v.name, **({"dims": v.dim} if v.dim else {})))
        for v in layout.variables
    ]
    q = pt.concatenate([u if u.ndim else u[None] for u in logs])
    log_theta = layout.offset + pt.dot(layout.matrix, q)
    if layout.has_noise:
        log_theta = _floored(log_theta, layout.floor)
    g = layout.n_numeric
    ends = {"lengthscale": (2, 2 + g), "category_weight": (2 + g, 2 + g + layout.n_categorical)}
    for name, (i, j) in ends.items():
        if j > i and name not in model.named_vars:
            pymc.Deterministic(name, pt.exp(log_theta[i:j]), dims=DIMS[name])
    return log_theta


def _floored(log_theta: Any, floor: float) -> Any:
    import pytensor.tensor as pt

    return pt.concatenate(
        [log_theta[:1], pt.logaddexp(log_theta[1:2], math.log(floor)), log_theta[2:]]
    )


def _own(priors: OwnPriors, columns: Columns) -> Mapping[str, Any]:
    given = priors.build(*names_of(columns))
    known = ("lengthscale", "outputscale", "noise", "category_weight")
    if not isinstance(given, Mapping):
        raise TypeError(
            f"the function of OwnPriors must return a mapping by name; got {type(given).__name__}"
        )
    for name in given:
        if name not in known:
            raise ValueError(
                f"the function of OwnPriors returned {name!r}; expected some of {', '.join(known)}"
            )
    return given


def _own_log_theta(own: Mapping[str, Any], layout: Layout, model: Any) -> Any:
    import pymc
    import pytensor.tensor as pt

    parts: dict[str, Any] = dict(own)
    for v in layout.variables:
        if v.name not in parts:
            parts[v.name] = v.density.pymc(v.name, **({"dims": v.dim} if v.dim else {}))
    logs = []
    for name in ("outputscale", "noise", "lengthscale", "category_weight"):
        if name not in parts:
            continue
        part = pt.as_tensor_variable(parts[name])
        if name not in model.named_vars:
            pymc.Deterministic(name, part, dims=DIMS.get(name))
        logs.append(pt.log(part if part.ndim else part[None]))
    if "noise" not in parts:
        return pt.concatenate(
            [logs[0], pt.as_tensor_variable([math.log(layout.floor)]), *logs[1:]]
        )
    return _floored(pt.concatenate(logs), layout.floor)
