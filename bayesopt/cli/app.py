"""The commands of ``bayesopt``."""

from __future__ import annotations

import time
from typing import Annotated

import typer

import bayesopt
from bayesopt.cli.demo import demo
from bayesopt.cli.run import run

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(run)
app.command()(demo)


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


@app.command()
def warmup() -> None:
    """Compile the numerical kernels now, so that the first run on this machine need not wait."""
    from bayesopt.compiled import warm

    started = time.perf_counter()
    warm()
    print(f"kernels are compiled ({time.perf_counter() - started:.1f} s)")
