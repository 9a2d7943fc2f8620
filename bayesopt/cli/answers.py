"""What ``bayesopt tell`` is given: lines of JSON, checked against the trials they speak of."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from bayesopt.trial import TrialState

if TYPE_CHECKING:
    from bayesopt.optimizer import Optimizer
    from bayesopt.trial import Trial

_SAME = 1e-9  # of a parameter's range: a spreadsheet keeps 15 digits of 17

Answer = tuple[str, dict[str, Any]]  # where it stands, for messages; and what it says


def read_lines(lines: Iterable[str]) -> list[Answer]:
    """One JSON object a line; empty lines, a byte order mark and CR at line ends do not matter.

    Raises
    ------
    ValueError : naming the line.
    """
    answers = []
    for i, line in enumerate(lines, 1):
        text = line.removeprefix("\ufeff").strip()
        if text:
            answer = _json(f"line {i}", text)
            if not isinstance(answer, dict):
                raise ValueError(f"line {i}: expected a JSON object with 'number'; got {text}")
            answers.append((f"line {i}: ", answer))
    return answers


def read_result(number: int, text: str) -> list[Answer]:
    """The one answer of a command line: a number, or a JSON object."""
    read = _json("RESULT", text)
    if not isinstance(read, dict):
        read = {"values" if isinstance(read, list) else "value": read}
    return [("", {**read, "number": number})]


def further(optimizer: Optimizer, answer: Answer) -> Answer:
    """A result of a trial as that of a further evaluation of its point.

    Raises
    ------
    ValueError : when there is no such trial.
    """
    where, said = answer
    trial = _trial(optimizer, said.get("number"))
    if trial is None:
        known = len(optimizer.trials)
        raise ValueError(f"{where}there is no trial {said.get('number')!r}: the run has {known}")
    return where, {**said, "number": None, "params": dict(trial.params)}


def tell_all(optimizer: Optimizer, answers: Iterable[Answer], as_run: bool) -> list[Trial]:
    """Tell all of them, or none.

    Parameters
    ----------
    as_run : where the params of an answer are not those that were asked, store what was run.

    Raises
    ------
    TypeError, ValueError : naming the answer.
    """
    told = []
    with optimizer.storage.exclusive():
        for where, answer in answers:
            try:
                told.append(_tell(optimizer, dict(answer), as_run))
            except (TypeError, ValueError) as error:
                raise ValueError(f"{where}{error}") from error
    return told


def _tell(optimizer: Optimizer, answer: dict[str, Any], as_run: bool) -> Trial:
    params, number = answer.pop("params", None), answer.pop("number", None)
    error = answer.pop("error", None)
    if "error" in optimizer.objective_names and isinstance(error, int | float):
        answer["error"], error = error, None  # a failure says why, in words
    if params is not None and not isinstance(params, Mapping):
        raise ValueError(f"'params' must be a JSON object of parameters; got {params!r}")
    if error is None and answer.get("value", 0) is None:
        raise ValueError(
            "there is no value yet ('value' is null): leave the line out until there is, or give "
            "'error' when there never will be"
        )
    if number is None:
        if params is None:
            raise ValueError(
                "an answer needs 'number' (or 'params', for an observation made elsewhere)"
            )
        if error is not None:  # a failure seen elsewhere
            return optimizer.add_observation(params, float("nan"))
        return optimizer.add_observation(params, answer)
    _check_open(optimizer, number)
    elsewhere = _elsewhere(optimizer, number, params, as_run)
    if error is not None:
        return optimizer.tell_failure(number, str(error), as_run=elsewhere)
    return optimizer.tell(number, answer, as_run=elsewhere)


def _check_open(optimizer: Optimizer, number: object) -> None:
    trial = _trial(optimizer, number)
    if trial is not None and trial.state in (
        *(TrialState.COMPLETE, TrialState.FAILED, TrialState.STOPPED),
    ):
        raise ValueError(
            f"trial {number} is already finished ({trial.state.name.lower()}). To add a further "
            "evaluation of its point, give --again, or 'params' and no 'number'; to put its "
            f"result right, bayesopt correct FILE {number} --value ...; to take it back, "
            f"bayesopt retract FILE {number} --why ..."
        )


def _elsewhere(
    optimizer: Optimizer, number: object, params: Mapping[str, Any] | None, as_run: bool
) -> Mapping[str, Any] | None:
    """The point of an answer when it is not the one that was asked for.

    Raises
    ------
    ValueError : it is not, and nobody said that it should be.
    """
    trial = _trial(optimizer, number)
    if params is None or trial is None or _same(optimizer, trial.params, params):
        return None
    if as_run:
        return params
    differ = {k for k in {**trial.params, **params} if trial.params.get(k) != params.get(k)}
    asked = {k: v for k, v in trial.params.items() if k in differ}
    given = {k: v for k, v in params.items() if k in differ}
    raise ValueError(
        f"trial {number} was asked at {json.dumps(asked)}, and its params now say "
        f"{json.dumps(given)}. If that is where it was run, give --as-run: the run goes on from "
        "there, and what was asked is kept beside it. If it is another experiment, leave 'number' "
        f"out: it becomes an observation of your own, and trial {number} stays open"
    )


def _same(optimizer: Optimizer, asked: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    import numpy as np

    space = optimizer.space
    rows = np.array([space.encode(point, outside=True) for point in (asked, given)])
    first, second = space.to_coords(rows)
    return bool(np.allclose(first, second, rtol=0.0, atol=_SAME, equal_nan=True))


def _trial(optimizer: Optimizer, number: object) -> Trial | None:
    """The trial of a number, or None when there is none: telling it then says so."""
    trials = optimizer.trials
    if not isinstance(number, int) or isinstance(number, bool):
        return None
    return trials[number] if 0 <= number < len(trials) else None


def _json(what: str, text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        pass
    except RecursionError:
        raise ValueError(f"{what} is nested too deeply") from None
    try:
        return float(text)  # "nan" and "inf", which JSON does not have
    except ValueError:
        raise ValueError(f"{what} is neither a number nor JSON: {text.strip()}") from None
