"""The outputs beside the objective that a run declares.

Each role with settings is an argument of ``Optimizer``, a field of the events and something that
the run knows: all three are here, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Self

from bayesopt.checks import listed, shown
from bayesopt.optimizer.fields import Fields
from bayesopt.outcome import RESERVED
from bayesopt.output import OutcomeConstraint, Output

_CONSTRAINTS = (
    "outcome_constraints must be names with limits, such as {'impurity': '<= 0.5'}, or a list of "
    "names, which means <= 0"
)
_RECORDS = "records must be a list of names, such as ['time_ms']"


Constraints = tuple[OutcomeConstraint, ...]


@dataclass(frozen=True)
class DeclaredOutputs:
    """The outputs that a run, or one of its events, declares; None: it does not.

    Attributes
    ----------
    outcome_constraints : not declared, they are those of the first result that has any, each
        ``<= 0``.
    records : names of the outputs that are only recorded.
    """

    outcome_constraints: Constraints | None = None
    records: tuple[str, ...] | None = None

    def body(self) -> dict[str, Any]:
        """The fields of an event. Constraints are names where all limits are ``<= 0``, as they
        were written before there were others.
        """
        written: dict[str, Any] = {} if self.records is None else {"records": list(self.records)}
        constraints = self.outcome_constraints
        if constraints is None:
            return written
        if all(c == OutcomeConstraint(c.name) for c in constraints):
            return written | {"outcome_constraints": [c.name for c in constraints]}
        return written | {"outcome_constraints": {c.name: c.written for c in constraints}}

    @classmethod
    def read(cls, event: Fields) -> Self:
        """Take the fields of an event."""
        return cls(event.constraints("outcome_constraints"), event.names("records"))

    def over(self, earlier: DeclaredOutputs) -> DeclaredOutputs:
        """These, and what was declared earlier where these say nothing."""
        declared = {field.name: getattr(self, field.name) for field in fields(self)}
        return replace(earlier, **{name: d for name, d in declared.items() if d is not None})

    @property
    def constraint_names(self) -> tuple[str, ...] | None:
        """Names of the outcome constraints; None when they are not declared."""
        if self.outcome_constraints is None:
            return None
        return tuple(c.name for c in self.outcome_constraints)

    @property
    def limits(self) -> dict[str, OutcomeConstraint]:
        """The outcome constraints that have a limit other than ``<= 0``, by name."""
        known = self.outcome_constraints or ()
        return {c.name: c for c in known if c != OutcomeConstraint(c.name)}

    def outputs(self, named: Iterable[str]) -> tuple[Output, ...]:
        """The outputs beside the objective: constraints in the order of their names, those that
        results have ``named`` among them, then records.
        """
        known = {c.name: c for c in self.outcome_constraints or ()}
        constraints = (known.get(n) or OutcomeConstraint(n) for n in sorted({*known, *named}))
        return *constraints, *map(Output, self.records or ())


@dataclass(frozen=True)
class OutputArguments:
    """The outputs that a call declares.

    Attributes
    ----------
    constraints : name -> the constraint; None stands for the limit that the run has, or ``<= 0``.
        None: they were not declared.
    records : names; None: they were not declared.
    """

    constraints: Mapping[str, OutcomeConstraint | None] | None = None
    records: tuple[str, ...] | None = None

    @classmethod
    def read(cls, constraints: object, records: object = None) -> OutputArguments:
        """Of the arguments ``outcome_constraints`` and ``records``.

        Raises
        ------
        TypeError, ValueError : for what they cannot be.
        """
        limits = read_constraints(constraints)
        names = None if records is None else _names(_RECORDS, records)
        for name in names or ():
            _check_name(_RECORDS, name)
            if name in (limits or ()):
                raise ValueError(f"{name!r} is in outcome_constraints and in records; choose one")
        return cls(limits, names)

    @property
    def names(self) -> dict[str, tuple[str, ...]]:
        """The names that each argument declares."""
        return {
            "outcome_constraints": tuple(self.constraints or ()),
            "records": self.records or (),
        }

    @property
    def any_given(self) -> bool:
        """Whether there is any declaration."""
        return self.constraints is not None or self.records is not None

    def beginning(self) -> DeclaredOutputs:
        """What a run that begins declares."""
        return DeclaredOutputs(self._constraints({}), self.records)

    def continuing(
        self, run: DeclaredOutputs, constraint_names: Iterable[str] | None
    ) -> DeclaredOutputs:
        """What changes in a stored run, which has outcome constraints of some names.

        Raises
        ------
        ValueError : when names that the run has are missing.
        """
        known = run.outcome_constraints
        constraints = self._constraints({c.name: c for c in known or ()})
        if constraints is not None:
            _check_all_there("outcome_constraints", self.constraints, constraint_names)
            if known is not None and set(constraints) == set(known):
                constraints = None
        records, recorded = self.records, run.records or ()
        if records is not None:
            _check_all_there("records", records, recorded)
            records = None if set(records) == set(recorded) else records
        after = constraints if constraints is not None else known or ()
        both = {c.name for c in after} & set(records or recorded)
        if both:
            raise ValueError(f"{min(both)!r} is an outcome constraint of the run and in records")
        return DeclaredOutputs(constraints, records)

    def _constraints(self, stored: Mapping[str, OutcomeConstraint]) -> Constraints | None:
        if self.constraints is None:
            return None
        return tuple(
            limit or stored.get(name) or OutcomeConstraint(name)
            for name, limit in self.constraints.items()
        )


def read_constraints(given: object) -> Mapping[str, OutcomeConstraint | None] | None:
    """The argument ``outcome_constraints``: names and limits, None where only the name is given.

    Raises
    ------
    TypeError, ValueError : for anything else.
    """
    if given is None:
        return None
    if not isinstance(given, Mapping):
        return dict.fromkeys(_names(_CONSTRAINTS, given))
    limits = {}
    for name in _names(_CONSTRAINTS, list(given)):
        _check_name(_CONSTRAINTS, name)
        limits[name] = OutcomeConstraint.parse(name, given[name])
    return limits


def _names(what: str, given: object) -> tuple[str, ...]:
    if isinstance(given, (str, bytes, Mapping)) or not isinstance(given, Iterable):
        raise TypeError(f"{what}; got {shown(given)}")
    names = tuple(given)
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"{what}; got {shown(name)} among them")
    if "" in names or len(set(names)) < len(names):
        raise ValueError(f"{what}: distinct names that are not empty; got {shown(given)}")
    return names


def _check_name(what: str, name: str) -> None:
    if name in RESERVED:
        raise ValueError(f"{what}: {name!r} has another meaning in results; take another name")


def _check_all_there(
    argument: str, declared: Iterable[str] | None, known: Iterable[str] | None
) -> None:
    """ValueError when names that the run has are missing from the ones declared for it now."""
    declared = list(declared or ())
    missing = [name for name in known or () if name not in declared]
    if missing:
        what = argument.replace("_", " ")
        raise ValueError(
            f"the stored run has the {what} {listed(missing)}, which are not among "
            f"{argument}={declared}; name them too, or leave it out"
        )
