"""What matters: bars with error bars, the interactions, and how far to believe them."""

from __future__ import annotations

from bayesopt.report.markup import Markup, join, paragraph, short, table, tag
from bayesopt.report.run_facts import RunFacts
from bayesopt.sensitivity import Importance, ParameterEffect, explained_words

_ROW, _LEFT, _RIGHT, _WIDTH = 24, 112, 76, 420
_SHOWN = 12


def effects(facts: RunFacts) -> Markup:
    """The section of importance."""
    found = facts.importance
    if found is None or not found.parameters:
        return paragraph("There are too few values to say what matters.")
    parts = [
        paragraph(
            f"The model explains {explained_words(found.explained)} when each result is left out.",
            class_="lead",
        )
    ]
    doubts = [note for note in found.notes if note.startswith(("The model", "Most results"))]
    parts += [paragraph(note, class_="warn") for note in doubts]
    parts.append(tag("div", _chart(found.parameters[:_SHOWN]), class_="wide"))
    rest = found.parameters[_SHOWN:]
    if rest:
        chart = tag("div", _chart(rest), class_="wide")
        parts.append(tag("details", tag("summary", f"{len(rest)} more parameters"), chart))
    parts.append(
        paragraph(
            "Dark: by itself. Light: with its interactions. The line holds 90 % of the functions "
            "that the same results allow. Shares are of the model's variance over the space.",
            class_="small",
        )
    )
    parts.append(_pairs(found))
    kept = [note for note in found.notes if note not in doubts]
    return join([*parts, *(paragraph(note, class_="small") for note in kept)])


def _chart(shown: tuple[ParameterEffect, ...]) -> Markup:
    """One bar a parameter."""
    span = _WIDTH - _LEFT - _RIGHT
    parts: list[Markup] = []
    for i, effect in enumerate(shown):
        y = 6 + i * _ROW
        parts.append(
            tag("text", tag("title", effect.name), short(effect.name, 17), x=_LEFT - 8, y=y + 13,
                class_="tick end")
        )  # fmt: skip
        for share, class_ in ((effect.total, "bar total"), (effect.first, "bar first")):
            size = {"x": _LEFT, "y": y + 3, "width": f"{span * share:.1f}", "height": 13}
            parts.append(tag("rect", class_=class_, **size))
        if effect.total_range is not None:
            low, high = (_LEFT + span * end for end in effect.total_range)
            ends = f"M{low:.1f} {y + 6}v7M{high:.1f} {y + 6}v7"
            parts.append(tag("path", d=f"M{low:.1f} {y + 9.5}H{high:.1f}{ends}", class_="error"))
        reach = effect.total if effect.total_range is None else effect.total_range[1]
        label = f"{100 * effect.total:.0f} %"
        if effect.active < 0.995:
            label += f" (active {100 * effect.active:.0f} %)"
        place = _LEFT + span * max(reach, effect.total) + 6
        end = place > _WIDTH - 5.6 * len(label)
        parts.append(
            tag("text", label, x=f"{_WIDTH if end else place:.1f}", y=y + 13,
                class_="tick end" if end else "tick")
        )  # fmt: skip
    height = 10 + len(shown) * _ROW
    title = tag("title", "share of the model's variance of each parameter")
    return tag("svg", title, *parts, viewBox=f"0 0 {_WIDTH} {height}", role="img")


def _pairs(found: Importance) -> Markup:
    if not found.pairs:
        return Markup("")
    rows = [
        (f"{short(pair.names[0])} with {short(pair.names[1])}", f"{100 * pair.share:.0f} %")
        for pair in found.pairs[:5]
    ]
    return join([tag("h3", "Interactions"), table(["pair", "share beyond each alone"], rows)])
