"""The commands of ``bayesopt``."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import bayesopt
from bayesopt.cli.amend import correct, retract
from bayesopt.cli.checking import check
from bayesopt.cli.collecting import collect
from bayesopt.cli.curve_reports import progress, should_stop, stopped
from bayesopt.cli.demo import demo
from bayesopt.cli.exit_status import STOPPED
from bayesopt.cli.export import export
from bayesopt.cli.live import watch_run
from bayesopt.cli.new_space import migrate
from bayesopt.cli.queueing import enqueue
from bayesopt.cli.reading import best, predict
from bayesopt.cli.resume import resume
from bayesopt.cli.run import run
from bayesopt.cli.runs import abandon, ask, fail, new, show, tell
from bayesopt.cli.tables import add
from bayesopt.cli.terminal import complain
from bayesopt.cli.warmup import warmup
from bayesopt.cli.what_matters import what_matters
from bayesopt.cli.write_report import report
from bayesopt.minimize.interrupts import signals, stop_of


class Commands(TyperGroup):
    """All of them; each can be interrupted, and then ends with the exit status that says so."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command of a command line."""
        try:
            with signals().released():
                return super().invoke(ctx)
        except KeyboardInterrupt as error:
            stop = stop_of(error)
            complain(stop.value)
            raise typer.Exit(STOPPED[stop]) from None


app = typer.Typer(
    cls=Commands,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",  # the default takes [objective] in a help text for a colour
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(run)
app.command()(resume)
app.command()(new)
app.command()(enqueue)
app.command()(ask)
# a negative result is no option
app.command(context_settings={"ignore_unknown_options": True})(tell)
# nan and negative values are no options either
app.command(context_settings={"ignore_unknown_options": True})(progress)
app.command("should-stop")(should_stop)
app.command()(stopped)
app.command()(fail)
app.command()(abandon)
app.command()(add)
app.command()(collect)
app.command()(correct)
app.command()(retract)
app.command()(migrate)
app.command()(show)
app.command()(best)
app.command()(predict)
app.command()(check)
app.command()(export)
app.command(name="what-matters")(what_matters)
app.command()(report)
app.command(name="watch")(watch_run)
app.command()(demo)
app.command()(warmup)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"bayesopt {bayesopt.__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it and end.")
    ] = False,
) -> None:
    """Bayesian optimization of functions and programs that are expensive to run."""
