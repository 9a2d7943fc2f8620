"""The sampled model in PyMC: named variables, and the compiled evidence as their likelihood."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from bayesopt.checks import function
from bayesopt.surrogate.covariance import BoundCovariance
from bayesopt.surrogate.covariance.vector import NOISE
from bayesopt.surrogate.features import Columns
from bayesopt.surrogate.full_bayes.layout import Layout, SaasPriors, dims_of, log_normal_layout
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
    >>> import bayesopt as bo
    >>> def short(parameters, categories):
    ...     import pymc as pm
    ...
    ...     return {"lengthscale": pm.InverseGamma("lengthscale", 3.0, 1.0, dims="parameter")}
    >>> surrogate = bo.FullBayesGP(priors=OwnPriors(short))
    """

    build: Build

    def __post_init__(self) -> None:
        function("build", self.build, "a function of two tuples of names")


HyperPriors = Priors | SaasPriors | OwnPriors


def layout_of(priors: HyperPriors, covariance: BoundCovariance, *, deterministic: bool) -> Layout:
    """The variables of built-in priors; for a user's own, of the default ones."""
    if isinstance(priors, SaasPriors):
        return priors.layout(covariance, deterministic=deterministic)
    base = priors if isinstance(priors, Priors) else Priors()
    return log_normal_layout(base, covariance, deterministic=deterministic)


def names_of(columns: Columns) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of the numeric and of the categorical parameters; numbers where there are no names."""
    names = getattr(columns, "names", ()) or tuple(
        f"x{j}" for j in range(len(columns.categorical))
    )
    return tuple(names[j] for j in columns.numeric), tuple(names[j] for j in columns.categories)


def coords_of(covariance: BoundCovariance) -> dict[str, list[str]]:
    """Labels of the dimensions of the hyperparameters, those without members left out."""
    named = zip(("parameter", "category"), names_of(covariance.columns), strict=True)
    coords = {dim: list(names) for dim, names in named if names}
    for name, dim in dims_of(covariance).items():
        place = covariance.vector.where[name]
        coords.setdefault(dim, [str(i) for i in range(place.stop - place.start)])
    return coords


def pymc_model(
    priors: HyperPriors, covariance: BoundCovariance, slot: Slot, *, deterministic: bool
) -> Any:
    """A ``pymc.Model`` of the hyperparameters given the data in ``slot``.

    Raises
    ------
    TypeError, ValueError : when a user's function gives something else than named variables.
    """
    import pymc

    layout = layout_of(priors, covariance, deterministic=deterministic)
    dims = dims_of(covariance)
    with pymc.Model(coords=coords_of(covariance)) as model:
        own = _own(priors, covariance) if isinstance(priors, OwnPriors) else {}
        make = partial(_own_log_theta, own) if own else _log_theta
        log_theta = make(layout, dims, model)
        _likelihood(log_theta, slot)
    return model


def _likelihood(log_theta: Any, slot: Slot) -> None:
    import pymc

    from bayesopt.surrogate.full_bayes.op import LogEvidence

    pymc.Potential("log_evidence", LogEvidence(slot)(log_theta)[0])


def _log_theta(layout: Layout, dims: Mapping[str, str], model: Any) -> Any:
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
        log_theta = _floored(log_theta, layout)
    for p in layout.vector.placed:
        if p.size and p.name != NOISE and p.name not in model.named_vars:
            x = pt.exp(log_theta[p.where])
            dim = dims.get(p.name)
            pymc.Deterministic(p.name, x if dim else x[0], dims=(dim,) if dim else None)
    return log_theta


def _floored(log_theta: Any, layout: Layout) -> Any:
    import pytensor.tensor as pt

    i = layout.vector.noise
    noise = pt.logaddexp(log_theta[i : i + 1], math.log(layout.floor))
    return pt.concatenate([log_theta[:i], noise, log_theta[i + 1 :]])


def _own(priors: OwnPriors, covariance: BoundCovariance) -> Mapping[str, Any]:
    given = priors.build(*names_of(covariance.columns))
    known = tuple(covariance.vector.where)
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


def _own_log_theta(
    own: Mapping[str, Any], layout: Layout, dims: Mapping[str, str], model: Any
) -> Any:
    import pymc
    import pytensor.tensor as pt

    parts: dict[str, Any] = dict(own)
    for v in layout.variables:
        if v.name not in parts:
            parts[v.name] = v.density.pymc(v.name, **({"dims": v.dim} if v.dim else {}))
    logs = []
    for p in layout.vector.placed:
        if p.name == NOISE and NOISE not in parts:
            logs.append(pt.as_tensor_variable([math.log(layout.floor)]))
        if p.name not in parts:
            continue
        part = pt.as_tensor_variable(parts[p.name])
        if p.name not in model.named_vars:
            dim = dims.get(p.name)
            pymc.Deterministic(p.name, part, dims=(dim,) if dim else None)
        logs.append(pt.log(part if part.ndim else part[None]))
    log_theta = pt.concatenate(logs)
    return _floored(log_theta, layout) if NOISE in parts else log_theta
