"""What an objective returned, or somebody told, as an outcome."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from numbers import Rational, Real
from typing import Any

from bayesopt.checks import as_float, listed, shown, suggestion, text_of
from bayesopt.outcome import KEYS, RESERVED, Outcome
from bayesopt.replicates import with_mean


def read_outcome(result: object, /, objectives: Sequence[str] = ()) -> Outcome | str:
    """Make an :class:`Outcome` of what an objective returned.

    Parameters
    ----------
    result : a real number; or a mapping with ``value`` (or ``values``, a list of replicates, whose
        mean is the value and whose scatter gives ``sd``), optionally ``sd``, ``constraints``,
        ``records``, ``sds``, ``cost``, ``info``, ``gradient`` (name of a parameter -> derivative
        of the value) and ``gradients`` (name of an output -> such a mapping; "value" is the
        objective), and numbers by other names: these become
        ``records`` until :func:`by_role` says which of them are constraints. Or an Outcome.
    objectives : names of the run's objectives, when it has several: the mapping has all of them in
        place of ``value``. Their values in this order, as a tuple, will do.

    Returns
    -------
    The outcome; or, when one of its values is not finite, a sentence saying so (the trial has then
    failed).

    Raises
    ------
    TypeError : for anything that can never be a result, neither a number (an array of one number
        is one) nor such a mapping; the message says what to return instead.
    ValueError : for ``sd <= 0`` or a negative cost.
    """
    if isinstance(result, Outcome):
        return _of_this_run(result, objectives)
    if not isinstance(result, Mapping):
        if not objectives:
            value = read_value(result)
            return Outcome(value) if math.isfinite(value) else f"the objective's value was {value}"
        if isinstance(result, float) and not math.isfinite(result):
            return f"the result was {float(result)}"
        result = in_order(result, objectives)
    if objectives:
        of_objectives, result = take_objectives(result, objectives)
        return _of_mapping(result, None, of_objectives)
    result = with_mean(result)
    return _of_mapping(result, _the_value(result), {})


def _the_value(result: Mapping[Any, Any]) -> float:
    """The value of the only objective in a result."""
    unknown = _by_name(result, "value" in result)[1]
    if unknown:
        raise unknown_names(unknown)
    if "value" not in result:
        raise TypeError(
            f"a result mapping needs the key 'value', what is optimized; got {listed(result)}"
        )
    if result.get("objectives"):
        raise TypeError(
            f"the result has several objectives {shown(result['objectives'])}, and the run has "
            "one: declare them with objectives={'name': 'minimize', ...}"
        )
    return read_value(result["value"])


def _of_mapping(
    result: Mapping[Any, Any], value: float | None, objectives: Mapping[str, float]
) -> Outcome | str:
    """The outcome of a result whose objectives have been read."""
    named, unknown = _by_name(result, True)
    if unknown:
        raise unknown_names(unknown, list(objectives))
    constraints = _read_numbers("constraints", "constraint", result)
    records = _read_numbers("records", "output", result)
    for name in named:
        if name in constraints or name in records or name in objectives:
            raise TypeError(f"the result has {name!r} twice; give it once")
    records |= named
    for label, number in _labelled(value, objectives, constraints, records):
        if not math.isfinite(number):
            return f"{label} was {number}"
    sd, sds = result.get("sd"), _mapping("sds", result)
    return Outcome(
        value,
        None if sd is None else _positive("sd", sd),
        constraints,
        _cost(result.get("cost")),
        result.get("info"),
        records,
        {text_of(k): _positive(f"sds[{text_of(k)!r}]", v) for k, v in sds.items()},
        _gradients(result),
        objectives,
    )


def in_order(result: object, objectives: Sequence[str]) -> Mapping[str, object]:
    """Values by the names of several objectives, from a tuple (or array) in their order.

    Raises
    ------
    TypeError : for anything else; the message says what to return.
    """
    form = "{" + ", ".join(f"{name!r}: ..." for name in objectives) + "}"
    listing = getattr(result, "tolist", None)
    values = listing() if callable(listing) else result
    if not isinstance(values, tuple | list):
        raise TypeError(
            f"this run has several objectives: a result is {form}, or a tuple of "
            f"{len(objectives)} numbers in this order; got {shown(result)}"
        )
    if len(values) != len(objectives):
        raise TypeError(
            f"a result must have {len(objectives)} numbers, one for each of {listed(objectives)}; "
            f"got {len(values)}: {shown(result)}"
        )
    return dict(zip(objectives, values, strict=True))


def take_objectives(
    result: Mapping[Any, Any], objectives: Sequence[str]
) -> tuple[dict[str, float], dict[Any, Any]]:
    """The values of several objectives out of a result, and what else it holds.

    Raises
    ------
    TypeError : when one is missing or is no number, or the result speaks of one objective.
    """
    rest = {key: v for key, v in result.items() if key != "objectives"}
    given = {**_mapping("objectives", result)}
    for key in ("value", "sd", "gradient"):
        if rest.pop(key, None) is not None:
            instead = "their names" if key == "value" else f"'{key}s': {{{objectives[0]!r}: ...}}"
            raise TypeError(
                f"{key!r} is of one objective, and this run has {listed(objectives)}; "
                f"write {instead} in place of it"
            )
    for name in objectives:
        if name in given and name in rest:
            raise TypeError(f"the result has {name!r} twice; give it once")
        if name in rest:
            given[name] = rest.pop(name)
    missing = [name for name in objectives if name not in given]
    if missing:
        others = [key for key in (*rest, *given) if key not in KEYS and key not in objectives]
        raise TypeError(
            f"the result lacks the objective{'s' * (len(missing) > 1)} {listed(missing)}"
            f"{suggestion(missing[0], others)}; each result needs {listed(objectives)}, and this "
            f"one has {listed(result) or 'nothing'}. An evaluation that failed raises, or returns "
            "float('nan') for one of them"
        )
    unknown = [name for name in given if name not in objectives]
    if unknown:
        raise unknown_names(unknown, objectives)
    return {name: _real(f"the objective {name!r}", given[name]) for name in objectives}, rest


def _of_this_run(outcome: Outcome, objectives: Sequence[str]) -> Outcome:
    """An outcome that has the run's objectives; TypeError for another."""
    if set(outcome.objectives) != set(objectives):
        has = listed(outcome.objectives) or "a single value"
        needs = f"the objectives {listed(objectives)}" if objectives else "a single value"
        raise TypeError(f"this run's results have {needs}; the Outcome has {has}")
    return outcome


def by_role(
    outcome: Outcome, constraints: Iterable[str] | None, records: Iterable[str]
) -> Outcome:
    """The outcome with each value where its role puts it.

    Parameters
    ----------
    constraints : names of the run's outcome constraints; None: none is known yet.
    records : names of the outputs that are recorded.

    Raises
    ------
    TypeError, ValueError : for a name that is neither, or is there twice.
    """
    if not outcome.records:
        return outcome
    known, recorded = set(constraints or ()), set(records)
    moved = {name: v for name, v in outcome.records.items() if name in known - recorded}
    unknown = [name for name in outcome.records if name not in known | recorded]
    if unknown:
        raise unknown_names(unknown, [*outcome.objectives, *sorted(known | recorded)])
    if not moved:
        return outcome
    for name in moved:
        if name in outcome.constraints:
            raise ValueError(f"the result has {name!r} twice; give it once")
    return replace(
        outcome,
        constraints={**outcome.constraints, **moved},
        records={name: v for name, v in outcome.records.items() if name not in moved},
    )


def unknown_names(names: Sequence[object], known: Sequence[str] = ()) -> TypeError:
    """The error that a result has keys that the run does not know."""
    near = suggestion(names[0], [*known, *KEYS])
    outputs = f" or of the run's outputs {listed(known)}" if known else ""
    return TypeError(
        f"unknown keys {listed(names)} in a result{near}; expected some of {KEYS}{outputs}: write "
        "{'value': ...} for what is optimized, declare outcome_constraints={'name': '<= 1'} or "
        "records=['name'] for other numbers, and put what is only to be kept into 'info'"
    )


SEVERAL_ELSEWHERE = (
    "Several objectives are for bo.minimize(f, space, objectives={...}), bo.Optimizer and Optuna"
)


def read_value(value: object, /) -> float:
    """The number, finite or not, that an objective returned; TypeError as for read_outcome."""
    try:
        return _real("the objective's value", value)
    except TypeError as error:
        if isinstance(value, Mapping | list | tuple) and len(value) > 1:
            error.args = (f"{error}. {SEVERAL_ELSEWHERE}",)
        raise


def _by_name(result: Mapping[Any, Any], has_value: bool) -> tuple[dict[str, float], list[object]]:
    """What a result holds beside the keys of an outcome: numbers by name, and what is none."""
    named: dict[str, float] = {}
    unknown: list[object] = []
    for key, value in result.items():
        if key in KEYS or key == "gradient":
            continue
        try:
            if not isinstance(key, str) or key in RESERVED or not has_value:
                raise TypeError
            named[key] = _real(key, value)
        except (TypeError, ValueError):
            unknown.append(key)
    return named, unknown


def _gradients(result: Mapping[Any, Any]) -> dict[str, dict[str, float]]:
    """Derivatives by output and parameter; those that are None or not finite are not known."""
    given = {text_of(name): g for name, g in _mapping("gradients", result).items()}
    if result.get("gradient") is not None:
        if "value" in given:
            raise TypeError("the result has the gradient of 'value' twice; give it once")
        given["value"] = result["gradient"]
    found = {}
    for name, gradient in given.items():
        what = "'gradient'" if name == "value" else f"gradients[{name!r}]"
        if not isinstance(gradient, Mapping):
            raise TypeError(
                f"{what} must map names of parameters to derivatives, such as "
                f"{{'lr': -1.2}}; got {shown(gradient)}"
            )
        numbers = {
            text_of(k): _real(f"{what} in {text_of(k)!r}", d)
            for k, d in gradient.items()
            if d is not None
        }
        found[name] = {k: d for k, d in numbers.items() if math.isfinite(d)}
    return {name: gradient for name, gradient in found.items() if gradient}


def _labelled(
    value: float | None,
    objectives: Mapping[str, float],
    constraints: Mapping[str, float],
    records: Mapping[str, float],
) -> list[tuple[str, float]]:
    return [
        *([] if value is None else [("the objective's value", value)]),
        *((f"the objective {name!r}", v) for name, v in objectives.items()),
        *((f"constraint {name!r}", v) for name, v in constraints.items()),
        *((f"output {name!r}", v) for name, v in records.items()),
    ]


def _mapping(key: str, result: Mapping[Any, Any]) -> Mapping[Any, Any]:
    given = result.get(key)
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise TypeError(f"{key!r} must map names to numbers; got {shown(given)}")
    return given


def _read_numbers(key: str, what: str, result: Mapping[Any, Any]) -> dict[str, float]:
    given = _mapping(key, result)
    return {text_of(k): _real(f"{what} {shown(k)}", v) for k, v in given.items()}


def _real(what: str, value: object) -> float:
    number = value
    if not isinstance(value, Real) and callable(item := getattr(value, "item", None)):
        try:
            number = item()  # a NumPy scalar; an array or tensor of one number
            masked = bool(getattr(value, "mask", False))  # the number under a mask means nothing
        except Exception:
            raise TypeError(_not_a_number(what, value)) from None
        if masked:
            raise TypeError(f"{what} is masked; a value that is missing is float('nan')")
    if isinstance(number, (str, bytes, bytearray, bool)) or number is None:
        raise TypeError(_not_a_number(what, number))
    try:
        read = as_float(number)
    except TypeError:
        raise TypeError(_not_a_number(what, value)) from None
    if math.isinf(read) and isinstance(number, Rational):  # finite, but beyond the floats
        raise ValueError(f"{what} must be at most 1.7e308 in size; got {shown(value)}")
    return read


def _not_a_number(what: str, value: object) -> str:
    """What is wrong with a value, and what to return instead."""
    if value is None:
        advice = "is a `return` missing? An evaluation that failed raises, or returns float('nan')"
    elif isinstance(value, bool):
        advice = "write float(...) when it is meant as 0 or 1"
    elif isinstance(value, (str, bytes, bytearray)):
        advice = "write float(...) of it"
    elif isinstance(value, (tuple, list)):
        advice = (
            "return the number, or {'value': ..., 'sd': ..., 'cost': ..., 'info': ...}; several "
            "evaluations of the point are {'values': [...]}"
        )
    elif callable(getattr(value, "item", None)):
        advice = "return one number, such as their mean"
    else:
        advice = f"its type is {type(value).__name__}"
    return f"{what} must be a number; got {shown(value)}: {advice}"


def _positive(name: str, sd: object) -> float:
    number = _real(repr(name), sd)
    if not (math.isfinite(number) and number > 0):
        raise ValueError(f"{name!r} must be a finite number > 0, or absent; got {shown(sd)}")
    return number


def _cost(cost: object) -> float | None:
    if cost is None:
        return None
    number = _real("'cost'", cost)
    if not (math.isfinite(number) and number >= 0):
        raise ValueError(f"'cost' must be a finite number >= 0, or absent; got {shown(cost)}")
    return number
