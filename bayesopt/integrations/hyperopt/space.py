"""Hyperopt's expression of a search space, with its choices as conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from hyperopt.exceptions import DuplicateLabel
from hyperopt.pyll.base import Apply, Literal, dfs
from numpy.typing import NDArray

from bayesopt.integrations.hyperopt.priors import Prior, make_prior
from bayesopt.space import Categorical, Parameter, Space

Floats = NDArray[np.float64]
Branch = frozenset[tuple[str, int]]  # choices that lead to a label, all of them to be made


@dataclass(frozen=True, eq=False)
class ExpressionLabels:
    """The labels of an expression.

    Attributes
    ----------
    priors : of each label.
    branches : label -> the branches in which it occurs; one that is empty means always.
    space : what the model searches. A label of several branches may be active there where it is
        not in truth, when they have no common form.
    """

    priors: Mapping[str, Prior]
    branches: Mapping[str, frozenset[Branch]]
    space: Space | None

    @classmethod
    def of(cls, expression: Any) -> ExpressionLabels:
        """Read an expression; ``space`` is None when it has no label.

        Raises
        ------
        NotImplementedError, ValueError : naming the label, for what cannot be searched.
        """
        nodes: dict[str, Apply] = {}
        found: dict[str, set[Branch]] = {}
        _collect(expression, frozenset(), nodes, found, set())
        indices = {
            node.inputs()[0].arg["label"].obj for node in dfs(expression) if node.name == "switch"
        }
        priors = {
            label: make_prior(label, node.name, _arguments(label, node), is_index=label in indices)
            for label, node in nodes.items()
        }
        branches = {label: frozenset(those) for label, those in found.items()}
        return cls(priors, branches, _space(priors, branches))

    def numbers(self, values: Mapping[str, list[Any]]) -> Floats:
        """The row (p,) of a trial's ``vals``, NaN where a label is inactive."""
        assert self.space is not None
        return np.array(
            [
                self.priors[n].number(values[n][0]) if values.get(n) else np.nan
                for n in self.space.columns
            ]
        )

    def values(self, row: Floats) -> dict[str, list[Any]]:
        """``vals`` of a trial from a row (p,): an empty list where a label is inactive."""
        assert self.space is not None
        numbers = dict(zip(self.space.columns, row.tolist(), strict=True))
        # constants have no number
        made = {
            label: prior.value(numbers.get(label, 0.0))
            for label, prior in self.priors.items()
            if not np.isnan(numbers.get(label, 0.0))
        }
        counting = {label for label in made if self._counts(label, made)}
        return {label: [made[label]] if label in counting else [] for label in self.priors}

    def _counts(self, label: str, made: Mapping[str, Any]) -> bool:
        return any(
            all(parent in made and made[parent] == index for parent, index in branch)
            for branch in self.branches[label]
        )


def _collect(
    node: Apply,
    branch: Branch,
    nodes: dict[str, Apply],
    found: dict[str, set[Branch]],
    visited: set[tuple[int, Branch]],
) -> None:
    """Walk an expression; note each label's distribution and the branches that lead to it.

    Hyperopt has a function for this, which does not take pchoice.
    """
    if (id(node), branch) in visited:
        return
    visited.add((id(node), branch))
    if node.name == "switch":
        index, *options = node.inputs()
        _collect(index, branch, nodes, found, visited)
        label = index.arg["label"].obj
        for i, option in enumerate(options):
            _collect(option, branch | {(label, i)}, nodes, found, visited)
    elif node.name == "hyperopt_param":
        label = node.arg["label"].obj
        if nodes.setdefault(label, node.arg["obj"]) is not node.arg["obj"]:
            raise DuplicateLabel(label)
        found.setdefault(label, set()).add(branch)
    else:
        for part in node.inputs():
            _collect(part, branch, nodes, found, visited)


def _arguments(label: str, node: Apply) -> dict[str, Any]:
    arguments = {}
    for name, value in node.arg.items():
        if name in ("rng", "size") or not isinstance(value, Apply):
            continue  # the latter marks what was left out
        if value.name == "pos_args":
            arguments[name] = [item.obj for item in value.pos_args]
        elif isinstance(value, Literal):
            arguments[name] = value.obj
        else:
            raise NotImplementedError(
                f"{label}: its {name} depends on other parameters; give a number, and scale the "
                "value in the objective"
            )
    return arguments


def _space(priors: Mapping[str, Prior], branches: Mapping[str, frozenset[Branch]]) -> Space | None:
    if not priors:
        return None
    when = {label: _common(branches[label], priors) for label in priors}
    return Space({label: _conditional(priors, label, when[label]) for label in priors})


def _common(branches: frozenset[Branch], priors: Mapping[str, Prior]) -> dict[str, list[int]]:
    """The parents that all branches ask for, with all indices that any of them asks for.

    A parent of which every index will do is left out: what it depends on itself is in the branches
    too.
    """
    asked: list[dict[str, set[int]]] = []
    for branch in branches:
        asked.append({})
        for parent, index in branch:
            asked[-1].setdefault(parent, set()).add(index)
    when = {}
    for parent in sorted(set.intersection(*(set(parents) for parents in asked))):
        indices = set().union(*(parents[parent] for parents in asked))
        if len(indices) < _n_options(priors[parent]):
            when[parent] = sorted(indices)
    return when


def _n_options(prior: Prior) -> int:
    scale = prior.parameter.scale()
    return 1 if scale is None else int(scale.n_levels[0])


def _conditional(
    priors: Mapping[str, Prior], label: str, when: Mapping[str, list[int]]
) -> Parameter:
    """A label's parameter with its condition; indices of a choice are its own values."""
    parameter: Any = priors[label].parameter
    named: dict[str, list[Any]] = dict(when)
    if isinstance(parameter, Categorical):
        return Categorical(parameter.choices, when=named)
    conditional: Parameter = replace(parameter, when=named)
    return conditional
