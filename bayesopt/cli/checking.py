"""``bayesopt check``: what a specification says, before anything is run."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from bayesopt.checks import optional, whole
from bayesopt.cli.run_file import problems
from bayesopt.cli.spec import SpecError, has_objective, read_plan, read_spec
from bayesopt.cli.terminal import say
from bayesopt.cli.toml_schema import json_schema
from bayesopt.text import one_line


def check(
    spec: Annotated[Path | None, typer.Argument(help="TOML file, as for run and new.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print a JSON schema of such files, for editors.")
    ] = False,
) -> None:
    """Read a specification and say what it means. Nothing is run, and no file is made.

    Exit status: 0 when it can be used; 2 when something is wrong, which is said.
    """
    with problems():
        if schema:
            print(json.dumps(json_schema(), indent=1))
            return
        if spec is None:
            raise ValueError("which file? bayesopt check SPEC, or --schema")
        found = _found(spec)
        if as_json:
            print(json.dumps(found, default=repr))
            return
        console = Console()
        for line in _lines(spec, found):
            say(console, one_line(line))


def _found(path: Path) -> dict[str, Any]:
    from bayesopt.optimizer import Optimizer

    space, settings = read_plan(path)
    found: dict[str, Any] = {"parameters": len(space.names), "points": space.n_points}
    found |= {"constraints": len(space.constraints), "run": dict(settings)}
    if has_objective(path):
        what = read_spec(path).objective
        if what.callable is None:
            from bayesopt.cli.command import CommandObjective

            CommandObjective(what, space.names, space.columns).close()
            found["command"] = list(what.command)
        else:
            found["callable"] = what.callable
    optional(whole, "workers", settings.get("workers"), 1)
    try:  # what only a run can tell: settings that exclude each other, a space without a point
        kept = ("workers", "storage", "timeout", "target", "patience", "stop_after_failures")
        options = {k: v for k, v in settings.items() if k not in kept}
        with_context = any(p.role == "context" for p in space.parameters.values())
        optimizer = Optimizer(space, **options)
        if not with_context:
            optimizer.ask()
        optimizer.close()
    except (TypeError, ValueError) as error:
        raise SpecError(f"{path.name}: {error}") from error
    return found


def _lines(path: Path, found: dict[str, Any]) -> list[str]:
    points = "" if found["points"] is None else f", {found['points']} points"
    constraints = found["constraints"]
    known = f", {constraints} known constraint{'s' * (constraints != 1)}" if constraints else ""
    n = found["parameters"]
    lines = [f"{path} is in order: {n} parameter{'s' * (n != 1)}{points}{known}"]
    run = found["run"]
    if run.get("objectives"):
        lines.append(
            f"objectives: {', '.join(f'{k} ({v})' for k, v in run['objectives'].items())}"
        )
    else:
        lines.append(f"direction: {run.get('direction', 'minimize')}")
    limits = run.get("outcome_constraints")
    if limits:
        words = limits.items() if isinstance(limits, dict) else ((name, "<= 0") for name in limits)
        lines.append(f"feasible: {', '.join(f'{name} {limit}' for name, limit in words)}")
    if "command" in found:
        lines.append(f"each point: {shlex.join(found['command'])}")
    elif "callable" in found:
        lines.append(f"each point: calls {found['callable']}")
    else:
        lines.append("no [objective]: for bayesopt new, ask and tell")
    return lines
