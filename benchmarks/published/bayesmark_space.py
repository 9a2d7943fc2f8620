"""Bayesmark's description of a space (``api_config``) and the neutral one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

Config = Mapping[str, Mapping[str, Any]]


def translate(config: Config) -> dict[str, dict[str, Any]]:
    """The tables of a neutral space. A logit scale is searched as a number between the logits."""
    tables: dict[str, dict[str, Any]] = {}
    for name in sorted(config):
        c = config[name]
        if c["type"] in ("cat", "ordinal") or "values" in c:
            kind = "categorical" if c["type"] in ("cat", "bool") else "ordinal"
            tables[name] = {"type": kind, "choices": list(c["values"])}
        elif c["type"] == "bool":
            tables[name] = {"type": "categorical", "choices": [False, True]}
        else:
            low, high = c["range"]
            if c.get("space") == "logit":
                low, high = _logit(low), _logit(high)
            kind = "int" if c["type"] == "int" else "float"
            tables[name] = {"type": kind, "low": low, "high": high, "log": c.get("space") == "log"}
    return tables


def back(config: Config, params: Mapping[str, Any]) -> dict[str, Any]:
    """A point as Bayesmark wants it."""
    out = dict(params)
    for name, c in config.items():
        if c.get("space") == "logit" and "values" not in c:
            value = 1.0 / (1.0 + math.exp(-float(params[name])))
            out[name] = min(max(value, c["range"][0]), c["range"][1])
    return out


def forth(config: Config, params: Mapping[str, Any]) -> dict[str, Any]:
    """A point of Bayesmark's in the neutral space: the inverse of ``back``."""
    out = dict(params)
    for name, c in config.items():
        if c.get("space") == "logit" and "values" not in c:
            out[name] = _logit(float(params[name]))
    return out


def _logit(p: float) -> float:
    return math.log(p / (1.0 - p))
