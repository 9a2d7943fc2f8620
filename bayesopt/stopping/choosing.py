"""The argument ``early_stopping``: a word, a rule, or None."""

from __future__ import annotations

from bayesopt.checks import shown, suggestion
from bayesopt.stopping.base import StoppingRule
from bayesopt.stopping.curve_model import CurveModel
from bayesopt.stopping.rules import MedianRule, NoStopping

_WRITTEN = "'auto', 'median', a rule such as bo.Hyperband(), or None"
_PEERS = {
    "hyperband": "bo.Hyperband()",
    "asha": "bo.SuccessiveHalving()",
    "sha": "bo.SuccessiveHalving()",
    "halving": "bo.SuccessiveHalving()",
    "successive_halving": "bo.SuccessiveHalving()",
    "successivehalving": "bo.SuccessiveHalving()",
    "nop": "None",
    "never": "None",
}


def read_rule(given: object) -> StoppingRule | None:
    """The rule that is meant; None for "auto": that of the run, or the default of a new one.

    Raises
    ------
    TypeError, ValueError : for anything that is no rule.
    """
    if given is None or (isinstance(given, str) and given == "none"):  # what TOML can say
        return NoStopping()
    if isinstance(given, StoppingRule):
        return given
    if isinstance(given, type) and issubclass(given, StoppingRule):
        raise TypeError(f"early_stopping: write {given.__name__}(), an instance")
    if not isinstance(given, str):
        raise TypeError(f"early_stopping must be {_WRITTEN}; got {shown(given)}")
    if given == "auto":
        return None
    if given == "median":
        return MedianRule()
    peer = _PEERS.get(given.lower())
    hint = f"; write early_stopping={peer}" if peer else suggestion(given, ("auto", "median"))
    raise ValueError(f"early_stopping must be {_WRITTEN}; got {shown(given)}{hint}")


def default_rule() -> StoppingRule:
    """What decides in a new run of which nothing else was said."""
    return CurveModel()
