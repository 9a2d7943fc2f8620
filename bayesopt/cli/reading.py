"""``bayesopt predict`` and ``best``: what a run's model says."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bayesopt.cli.report import short
from bayesopt.cli.run_file import File, problems, reopened
from bayesopt.cli.terminal import cell, say
from bayesopt.cli.values import read_values

if TYPE_CHECKING:
    from bayesopt.optimizer import Optimizer
    from bayesopt.space import Parameter, Space
    from bayesopt.trial import Trial

_GRID = 11
_LOW, _HIGH = 0.05, 0.95
_SURE = 0.85  # as for Optimizer.recommended


def predict(
    file: File,
    at: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE,...", help="The point; what is left out is as recommended."
        ),
    ] = None,
    grid: Annotated[
        str | None, typer.Option(metavar="NAME", help="Vary this parameter over its range.")
    ] = None,
    output: Annotated[
        str | None, typer.Option(help="An outcome constraint, or one of several objectives.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
) -> None:
    """Say what the model expects at a point: mean, standard deviation, 90 % interval of the
    noise-free value, and the probability that the point is feasible. The file is not changed.
    """
    with problems(), reopened(file, read_only=True) as optimizer:
        given = read_values(optimizer.space, "--at", at or ())
        points = _points(optimizer, given, grid)
        names = list(optimizer.objective_names) if output is None else [output]
        rows = predictions(optimizer, points, names or [None])
        if as_json:
            print(json.dumps({"predictions": rows}))
            return
        console = Console()
        shared = {
            k: v for k, v in points[0].items() if all(p.get(k) == v for p in points) and k != grid
        }
        words = "  ".join(f"{name}={short(value)}" for name, value in shared.items())
        say(console, f"at {words}" if words else "at")
        console.print(_predicted_table(rows, grid))


def best(
    file: File,
    context: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="The best point by the model in this context."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
) -> None:
    """Show the best observed trial beside the recommended one, and say why they differ."""
    with problems(), reopened(file, read_only=True) as optimizer:
        if optimizer.objective_names:
            raise ValueError(
                "the run has several objectives, so no trial is the best; bayesopt show "
                f"{file} prints those that no other beats"
            )
        if context:
            _print_best_for(optimizer, context, as_json)
            return
        found = {"observed": optimizer.best, "recommended": optimizer.recommended}
        if found["observed"] is None or found["recommended"] is None:
            raise ValueError("no trial has a feasible value yet; see bayesopt show")
        told = {name: _described(optimizer, trial) for name, trial in found.items() if trial}
        words = _why(optimizer, told["observed"], told["recommended"])
        if as_json:
            print(json.dumps({**told, "why": words}))
            return
        console = Console()
        console.print(_best_table(optimizer, told))
        say(console, words)


def _print_best_for(optimizer: Optimizer, context: Sequence[str], as_json: bool) -> None:
    found = optimizer.best_for(read_values(optimizer.space, "--context", context))
    if as_json:
        said = {"params": dict(found.params), "mean": found.mean, "sd": found.sd}
        print(json.dumps(said))
    else:
        say(Console(), repr(found))


def predictions(
    optimizer: Optimizer, points: list[dict[str, Any]], outputs: Sequence[str | None]
) -> list[dict[str, Any]]:
    """What the model expects of each output at each point, as JSON values."""
    probability = optimizer.feasibility(points).tolist()
    rows = []
    for output in outputs:
        found = optimizer.predict(points, output)
        columns = (found.mean, found.sd, found.quantile(_LOW), found.quantile(_HIGH))
        for i, point in enumerate(points):
            mean, sd, low, high = (float(column[i]) for column in columns)
            rows.append(
                {
                    "params": point,
                    "output": found.output,
                    "mean": mean,
                    "sd": sd,
                    "interval": [min(low, high), max(low, high)],
                    "feasible": probability[i],
                }
            )
    return rows


def _points(
    optimizer: Optimizer, given: Mapping[str, Any], grid: str | None
) -> list[dict[str, Any]]:
    space = optimizer.space
    if grid is not None and grid not in space.names:
        raise ValueError(f"--grid: there is no parameter {grid!r}; expected {list(space.names)}")
    if grid in given:
        raise ValueError(f"--grid {grid}: its value is given by --at; leave one of them out")
    base = {} if len(given) == len(space.names) else _base(optimizer)
    levels: list[Any] = [None] if grid is None else _levels(space.parameters[grid])
    points = []
    for level in levels:
        varied = {} if grid is None else {grid: level}
        points.append(_active({**base, **given, **varied}, space))
    return points


def _base(optimizer: Optimizer) -> dict[str, Any]:
    trial = None if optimizer.objective_names else optimizer.recommended
    if trial is None:
        done = [t for t in optimizer.trials if t.outcome is not None]
        return dict(done[-1].params) if done else {}
    return dict(trial.params)


def _active(params: Mapping[str, Any], space: Space) -> dict[str, Any]:
    """The parameters that are active, given the others."""
    kept: dict[str, Any] = {}
    for _ in space.names:  # a parent may come after its child
        kept = {
            name: params[name]
            for name, parameter in space.parameters.items()
            if name in params
            and all(
                parent in params and params[parent] in values
                for parent, values in parameter.conditions.items()
            )
        }
        if kept.keys() == params.keys():
            break
        params = kept
    return kept


def _levels(parameter: Parameter) -> list[Any]:
    import numpy as np

    scale = parameter.scale()
    if scale is None:
        raise ValueError("--grid: the parameter is a constant")
    if float(np.ravel(scale.n_levels)[0]) <= _GRID:
        coords = np.reshape(scale.levels(), (-1, 1))
    else:
        coords = scale.from_cube(np.linspace(0.0, 1.0, _GRID)[:, None])
    rows = np.ravel(scale.to_rows(coords)).tolist()
    return [parameter.decode(v) for v in dict.fromkeys(rows)]


def _predicted_table(rows: list[dict[str, Any]], grid: str | None) -> Table:
    several = len({row["output"] for row in rows}) > 1
    head = [*([grid] if grid else []), *(["output"] if several else [])]
    head += ["mean", "sd", "5 %", "95 %", "P(feasible)"]
    table = Table()
    for name in head:
        table.add_column(cell(name), justify="right")
    for row in rows:
        numbers = [row["mean"], row["sd"], *row["interval"], row["feasible"]]
        first = [cell(short(row["params"].get(grid, "")))] if grid else []
        first += [cell(row["output"])] if several else []
        table.add_row(*first, *(f"{number:.4g}" for number in numbers))
    return table


def _described(optimizer: Optimizer, trial: Trial) -> dict[str, Any]:
    """A trial beside what the model says of its point."""
    params = dict(trial.params)
    (said,) = predictions(optimizer, [params], [None])
    outcome = trial.outcome
    values = {} if outcome is None else {k: v for k, v in outcome.values.items() if k != "value"}
    same = [t for t in optimizer.trials if t.outcome is not None and t.params == trial.params]
    return {
        "number": trial.number,
        "value": trial.value,
        "outputs": values,
        "mean": said["mean"],
        "sd": said["sd"],
        "interval": said["interval"],
        "feasible": said["feasible"],
        "evaluations": len(same),
        "params": params,
    }


def _best_table(optimizer: Optimizer, told: Mapping[str, Mapping[str, Any]]) -> Table:
    table = Table()
    for heading in ("", "observed best", "recommended"):
        table.add_column(heading, overflow="fold")
    both = list(told.values())
    rows: list[tuple[str, list[str]]] = [
        ("trial", [str(t["number"]) for t in both]),
        ("value", [f"{t['value']:.6g}" for t in both]),
        ("model's mean ± sd", [f"{t['mean']:.4g} ± {t['sd']:.2g}" for t in both]),
        ("P(feasible)", [f"{t['feasible']:.2f}" for t in both]),
        ("evaluations there", [str(t["evaluations"]) for t in both]),
    ]
    outputs = list(dict.fromkeys(name for t in both for name in t["outputs"]))
    rows += [(n, [short(t["outputs"].get(n, "")) for t in both]) for n in outputs]
    rows += [(n, [short(t["params"].get(n, "")) for t in both]) for n in optimizer.space.names]
    for name, cells in rows:
        table.add_row(cell(name), *map(cell, cells))
    return table


def _why(optimizer: Optimizer, seen: Mapping[str, Any], used: Mapping[str, Any]) -> str:
    first, second = f"trial {seen['number']}", f"trial {used['number']}"
    if seen["number"] == used["number"]:
        return f"Both are {first}: use its point."
    reasons = []
    if seen["feasible"] < min(_SURE, used["feasible"]):
        reasons.append(
            f"{first} keeps to the constraints with a probability of {seen['feasible']:.2f} only, "
            f"{second} with {used['feasible']:.2f}."
        )
    sign = 1.0 if optimizer.direction == "minimize" else -1.0
    if sign * used["mean"] <= sign * seen["mean"] or not reasons:
        luck = sign * (seen["mean"] - seen["value"]) > 0
        lucky = f" of which part was luck: the model expects {seen['mean']:.4g} there" * luck
        reasons.append(
            f"Results are noisy. {first} was observed at {seen['value']:.6g},{lucky or ''}"
            f" and {used['mean']:.4g} at {second}, which is better in the mean."
        )
    return " ".join([*reasons, f"Use the point of {second}."]).replace(",  and", " and")
