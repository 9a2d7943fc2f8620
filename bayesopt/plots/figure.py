"""What the pictures share: a figure without pyplot, colours, the look of the axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bayesopt.text import one_line

if TYPE_CHECKING:
    from bayesopt.space import Parameter

# Okabe and Ito (2008): told apart also by colour-blind readers
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
FAILED = "#9a9a9a"


def new_figure(width: float, height: float) -> Any:
    """An empty figure of ``width`` x ``height`` inches.

    Raises
    ------
    ImportError : matplotlib is not installed.
    """
    try:
        from bayesopt.plots.shown import ShownFigure
    except ImportError as error:
        raise ImportError(
            "pictures need matplotlib: pip install 'bayesopt-engine[plot]'"
        ) from error
    return ShownFigure(figsize=(width, height), dpi=150, layout="constrained")


def axes_of(given: Any, width: float, height: float) -> Any:
    """The axes that a caller gave, or those of a new figure of ``width`` x ``height`` inches.

    Raises
    ------
    ImportError : matplotlib is not installed.
    """
    return new_figure(width, height).add_subplot() if given is None else given


def tidy(axes: Any) -> None:
    """Take away what carries no information."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(True, color="#e6e6e6", linewidth=0.6)
    axes.set_axisbelow(True)


def listed_values(parameter: Parameter) -> tuple[Any, ...] | None:
    """The values of a parameter that takes one of a list; None for numbers between bounds."""
    from bayesopt.space import Boolean, Categorical, Ordinal

    if isinstance(parameter, Boolean):
        return (False, True)
    if isinstance(parameter, Categorical):
        return tuple(parameter.choices)
    return tuple(parameter.values) if isinstance(parameter, Ordinal) else None


def short(value: object) -> str:
    """A value as a label of at most 16 characters."""
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return plain(text if len(text) <= 16 else f"{text[:15]}…")


def plain(text: object) -> str:
    """A name, choice or title as matplotlib must get it so that it shows it as it is.

    It takes what stands between two dollars for a formula, and draws a control code as a box.
    """
    return one_line(text).replace("$", r"\$")
