"""The page: sections in their order, one style, a little script, nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from bayesopt.compiled import blas_threads
from bayesopt.report.calibration import calibration
from bayesopt.report.checkup import checkup
from bayesopt.report.effects_chart import effects
from bayesopt.report.extras import learning_curves, timeline
from bayesopt.report.front_chart import front
from bayesopt.report.markup import Markup, join, short, tag
from bayesopt.report.outlook import outlook
from bayesopt.report.run_facts import RunFacts
from bayesopt.report.search_path import search_path
from bayesopt.report.style import SCRIPT, STYLE
from bayesopt.report.surface import surface
from bayesopt.report.trial_list import trial_list
from bayesopt.report.verdict import verdict
from bayesopt.result import Result


def of_each(make: Callable[[RunFacts], Markup]) -> Callable[[RunFacts], Markup]:
    """A section that says the same of each objective in turn."""

    def made(facts: RunFacts) -> Markup:
        each = facts.each()
        if len(each) == 1:
            return make(facts)
        return join([join([tag("h3", short(one.objective.name, 60)), make(one)]) for one in each])

    return made


SECTIONS: tuple[tuple[str, str, Callable[[RunFacts], Markup | None]], ...] = (
    ("verdict", "The verdict", verdict),
    ("convergence", "Convergence", search_path),
    ("front", "The front", front),
    ("importance", "What matters", of_each(effects)),
    ("model", "What the model sees", of_each(surface)),
    ("trust", "How far to trust it", of_each(calibration)),
    ("health", "Health", checkup),
    ("next", "What to do next", outlook),
    ("curves", "Learning curves", learning_curves),
    ("timeline", "Timeline", timeline),
    ("trials", "Trials", trial_list),
)


def page(result: Result, *, title: str | None = None, refresh: str | None = None) -> str:
    """A run's report as one HTML page that needs nothing else.

    Parameters
    ----------
    result : of a run that has ended or goes on.
    title : of the page; None: "Report of a run".
    refresh : an address that says, when it is asked, whether there is a newer page; only for a
        page that is served.
    """
    facts = RunFacts(result, title or "Report of a run")
    with blas_threads(1):
        found = [(id_, name, body) for id_, name, make in SECTIONS if (body := make(facts))]
    links = [tag("a", name, href=f"#{id_}") for id_, name, _ in found]
    sections = [tag("section", tag("h2", name), body, id=id_) for id_, name, body in found]
    made = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    head = join(
        [
            Markup('<meta charset="utf-8">'),
            Markup(_policy(served=refresh is not None)),
            Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
            tag("title", facts.title),
            Markup(f"<style>{STYLE}</style>"),
        ],
        "\n",
    )
    body = tag(
        "body",
        tag("header", tag("h1", facts.title), tag("p", f"{result.stop.value} · {made}")),
        tag("nav", *links),
        tag("main", *sections),
        tag("footer", tag("p", "Made by bayesopt.")),
        Markup(f"<script>{SCRIPT}</script>"),
        data_refresh=refresh,
    )
    return f'<!doctype html>\n<html lang="en">\n<head>\n{head}\n</head>\n{body}\n</html>\n'


def write_report(result: Result, path: str | Path, *, title: str | None = None) -> Path:
    """Write a run's report to a file; see :func:`page`."""
    target = Path(path)
    target.write_text(page(result, title=title), encoding="utf-8")
    return target


def _policy(*, served: bool) -> str:
    """What the page may do: only its own style and its own script, by their hashes."""
    connect = " connect-src 'self';" if served else ""
    return (
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        f"style-src '{_hash(STYLE)}'; script-src '{_hash(SCRIPT)}';{connect} "
        "base-uri 'none'; form-action 'none'\">"
    )


def _hash(content: str) -> str:
    digest = hashlib.sha256(content.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
