"""Outputs beside the objective: declared, or constraints that the first result with any fixes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bayesopt.checks import listed, shown, suggestion
from bayesopt.optimizer.history import History
from bayesopt.outcome import RESERVED, Outcome
from bayesopt.output import OutcomeConstraint
from bayesopt.returned import by_role

_CONSTRAINTS = (
    "outcome_constraints must be names with limits, such as {'impurity': '<= 0.5'}, or a list of "
    "names, which means <= 0"
)
_RECORDS = "records must be a list of names, such as ['time_ms']"

Constraints = tuple[OutcomeConstraint, ...]


@dataclass(frozen=True)
class Declared:
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
    def read(cls, constraints: object, records: object = None) -> Declared:
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

    def beginning(self) -> tuple[Constraints | None, tuple[str, ...] | None]:
        """The constraints and records of a run that begins."""
        return self._constraints({}), self.records

    def continuing(self, history: History) -> tuple[Constraints | None, tuple[str, ...] | None]:
        """The constraints and records of a stored run, as far as they change.

        Raises
        ------
        ValueError : when names that the run has are missing.
        """
        constraints = self._constraints({c.name: c for c in history.declared or ()})
        if constraints is not None:
            _check_all_there("outcome_constraints", self.constraints, history.constraint_names())
            if set(constraints) == set(history.declared or ()) and history.declared is not None:
                constraints = None
        records = self.records
        if records is not None:
            _check_all_there("records", records, history.records)
            records = None if set(records) == set(history.records) else records
        after = constraints if constraints is not None else history.declared or ()
        both = {c.name for c in after} & set(records or history.records)
        if both:
            raise ValueError(f"{min(both)!r} is an outcome constraint of the run and in records")
        return constraints, records

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


def checked(outcome: Outcome, history: History, in_place_of: int | None = None) -> Outcome:
    """An outcome, each value where its role puts it.

    Parameters
    ----------
    in_place_of : the number of a trial whose result it replaces, and which fixes no names then.

    Raises
    ------
    TypeError, ValueError : when it has an output of a name that the run does not have.
    """
    known = history.constraint_names(apart_from=in_place_of)
    outcome = by_role(outcome, known, history.records)
    for name in outcome.constraints:
        if known is not None and name not in known:
            raise ValueError(
                f"the result has the outcome constraint {name!r}{suggestion(name, known)}; "
                f"{_source(history)}: {listed(known) or 'none'}. "
                "To have further ones continue the run with outcome_constraints=, all of them"
            )
    return outcome


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


def _source(history: History) -> str:
    if history.declared is not None:
        return "the run was declared with"
    first = next(
        number for number in history.completed
        if (outcome := history.trials[number].outcome) is not None and outcome.constraints
    )  # fmt: skip
    return f"the first result with any, of trial {first}, fixed them (retract it if it is wrong)"
