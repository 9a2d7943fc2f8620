"""``bayesopt run``: from a specification to a result."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, redirect_stdout
from json import dumps
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from bayesopt.checks import listed, optional, whole
from bayesopt.cli.command import CommandObjective
from bayesopt.cli.evaluation_spec import save_evaluation_spec
from bayesopt.cli.exit_status import NOT_KEPT, USAGE, exit_status
from bayesopt.cli.function import FunctionObjective, load
from bayesopt.cli.outputs import check_outputs, write_outputs
from bayesopt.cli.report import print_json, print_result
from bayesopt.cli.run_words import read_stop
from bayesopt.cli.spec import Spec, SpecError, read_spec
from bayesopt.cli.terminal import complain, log_shown
from bayesopt.cli.watch import watch
from bayesopt.minimize.failures import ObjectiveError
from bayesopt.minimize.interrupts import signals, stop_of
from bayesopt.minimize.unsaved import ResultsNotKept
from bayesopt.result import Result, Stop
from bayesopt.storage import StorageError


def run(
    spec: Annotated[Path, typer.Argument(help="TOML file with [space.*], [objective], [run].")],
    command: Annotated[
        list[str] | None,
        typer.Argument(help="After --: a command to run in place of the objective in the file."),
    ] = None,
    n_trials: Annotated[
        int | None, typer.Option(min=1, help="Evaluations of the whole run, failures included.")
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Same seed, same trials.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Evaluations at once.")] = None,
    stop_after_failures: Annotated[
        int | None, typer.Option(min=1, help="End the run when so many in a row failed.")
    ] = None,
    storage: Annotated[
        str | None, typer.Option(help="File to keep the run in; an existing one is resumed.")
    ] = None,
    earlier: Annotated[
        list[Path] | None,
        typer.Option(help="File of an earlier run that informs this one; may be repeated."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Only JSON on standard output.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
    csv: Annotated[Path | None, typer.Option(help="Write the trials to this file.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Write the convergence picture here.")] = None,
) -> None:
    """Optimize what SPEC describes: a Python function, or any command.

    A command gets the parameters in its arguments ({name}), or as JSON on standard input, or in
    its environment, and prints the value, or a JSON object with "value" (with [objectives]: with
    each by its name), on its last line.

    Exit status: 0 a result; 1 no trial succeeded; 2 SPEC, an option or a file is wrong; 3 the
    disk took nothing more (results in hand are printed, for tell); 4 the objective cannot run;
    129, 130, 143 stopped by SIGHUP, SIGINT (Ctrl-C), SIGTERM (the result so far is printed).
    """
    overrides: dict[str, object] = {
        "n_trials": n_trials,
        "seed": seed,
        "workers": workers,
        "storage": storage,
    }
    overrides |= {"stop_after_failures": stop_after_failures, "earlier": earlier or None}

    def plan() -> tuple[Spec, dict[str, Any]]:
        read = read_spec(spec, command or ())
        return read, {
            **read.run,
            **{k: v for k, v in overrides.items() if v is not None},
        }

    carry_out(plan, inputs=[spec], json=json, quiet=quiet, csv=csv, plot=plot)


def carry_out(
    plan: Callable[[], tuple[Spec, dict[str, Any]]],
    *,
    inputs: Sequence[Path],
    json: bool,
    quiet: bool,
    csv: Path | None,
    plot: Path | None,
) -> None:
    """Optimize what ``plan`` gives (a specification and its settings), report, and exit.

    ``inputs`` are files that no output may overwrite.
    """
    started = time.perf_counter()
    with signals().held():
        try:
            with _json_only() if json else nullcontext(), signals().released():
                spec, settings = plan()
                check_outputs(csv, plot, (*inputs, settings.get("storage")))
                result = _optimize(spec, settings, Console(stderr=True), quiet)
        except SpecError as error:
            complain(str(error))
            raise typer.Exit(USAGE) from None
        except StorageError as error:
            _hand_back(error, to_stdout=not json)
            raise typer.Exit(NOT_KEPT) from None
        seconds = time.perf_counter() - started
        print_json(result, seconds) if json else print_result(Console(), result, seconds)
        kept = write_outputs(csv, plot, result)
        raise typer.Exit(exit_status(result) if kept else NOT_KEPT)


def _hand_back(error: StorageError, to_stdout: bool) -> None:
    """Say why the run ended, and print the results that its file did not take."""
    if not isinstance(error, ResultsNotKept) or not error.untold:
        complain(str(error))
        return
    complain(
        f"{error.reason}; results that are not in it: {len(error.untold)}, printed as lines for "
        "bayesopt tell FILE when there is space again"
    )
    for answer in error.untold:
        print(dumps(answer, default=str), file=sys.stdout if to_stdout else sys.stderr)


def _optimize(spec: Spec, settings: dict[str, Any], errors: Console, quiet: bool) -> Result:
    """Run the loop; the objective's processes end with it."""
    from bayesopt.minimize import maximize, minimize
    from bayesopt.minimize.limits import Limits
    from bayesopt.minimize.run import result_so_far
    from bayesopt.optimizer import Optimizer

    direction = settings.pop("direction", None)
    workers = settings.pop("workers", 1)
    limits = {k: settings.pop(k, None) for k in ("n_trials", "timeout", "target", "patience")}
    written = settings.pop("stop", None)
    endless = written is None and settings.get("budget") is None
    if endless and all(limit is None for limit in limits.values()):
        raise SpecError("how long? give --n-trials, or n_trials or timeout in [run]")
    if spec.space.context:
        raise SpecError(
            f"the space has context parameters, {listed(spec.space.context)}: nobody says what "
            "they are in a run that goes by itself; use new, ask --context NAME=VALUE, and tell"
        )
    limits["stop_after_failures"] = settings.pop("stop_after_failures", None)
    objective, how = _objective(spec, workers)
    try:
        checked = Limits(**limits)  # before a storage file is made
        optional(whole, "workers", workers, 1)
        optimizer = Optimizer(
            spec.space, direction=direction, n_trials=limits["n_trials"], **settings
        )
        checked.check_for(optimizer)
        kept = {**limits, "workers": workers, "stop": written}
        save_evaluation_spec(optimizer, spec, kept)
    except (TypeError, ValueError, StorageError) as error:
        raise SpecError(str(error)) from error
    verb = maximize if direction == "maximize" else minimize
    with log_shown(errors), watch(errors, limits["n_trials"], quiet) as callback:
        try:
            return verb(
                objective,
                optimizer=optimizer,
                callbacks=[callback],
                progress=False,
                n_workers=workers,
                stop=None if written is None else read_stop(written),
                **limits,
                **how,
            )
        except ObjectiveError as error:
            complain(str(error))
            return error.result or result_so_far(optimizer, Stop.ERROR)
        except KeyboardInterrupt as error:  # before the first trial, or after the last
            return result_so_far(optimizer, stop_of(error))
        finally:
            with signals().held():
                objective.close()
                optimizer.close()


def _objective(
    spec: Spec, workers: int
) -> tuple[CommandObjective | FunctionObjective, dict[str, Any]]:
    """The objective, and how ``minimize`` is to run it."""
    what = spec.objective
    if what.callable is None:
        return CommandObjective(what, spec.space.names, spec.space.columns), {}
    load(what.callable, what.folder)  # a wrong name is said now, not once a trial
    objective = FunctionObjective(what.callable, what.folder)
    if workers == 1 and what.timeout is None:
        return objective, {}
    # processes: they share no interpreter lock, and one that hangs can be killed
    return objective, {"executor": _pool(workers), "trial_timeout": what.timeout}


def _pool(workers: int) -> Any:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    from bayesopt.minimize.interrupts import ignore_interrupts

    # a terminal sends Ctrl-C to the workers too; it is the command that ends them
    return lambda: ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), initializer=ignore_interrupts
    )


@contextmanager
def _json_only() -> Iterator[None]:
    """Send what the objective prints, also from C or a worker, to standard error."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
