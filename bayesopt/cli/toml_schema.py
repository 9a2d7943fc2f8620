"""What a specification may hold: the reader, ``docs/toml.md`` and the JSON schema for editors are
made of this list.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any

_NUMBER = (int, float)


@dataclass(frozen=True)
class Key:
    """A key of a table.

    Attributes
    ----------
    types : Python types of its value, as ``tomllib`` gives them.
    says : what it means, in one sentence.
    example : how it is written.
    one_of : the only values.
    """

    types: tuple[type, ...]
    says: str
    example: str = ""
    one_of: tuple[str, ...] = ()


OBJECTIVE: Mapping[str, Key] = {
    "callable": Key((str,), "A Python function: module or file, and name.", '"model.py:score"'),
    "command": Key(
        (list,),
        "In place of it: a program and its arguments; `{name}` stands for a parameter, `{number}` "
        "for the trial's number, `{{` and `}}` for braces.",
        '["./simulate", "--x", "{x}"]',
    ),
    "input": Key(
        (str,),
        "How a command gets the parameters: in its arguments, as a JSON object on standard input, "
        "or as variables `BAYESOPT_PARAM_<name>`.",
        '"json"',
        ("arguments", "json", "environment"),
    ),
    "timeout": Key(_NUMBER, "Seconds that one evaluation may take.", "600"),
    "workdir": Key((str,), "Of a command: a folder for each trial.", '"runs/{number}"'),
    "templates": Key(
        (list,), "Files copied into that folder, `{name}` and `{number}` filled in.", '["case.in"]'
    ),
    "files": Key((list,), "Files and folders copied into it as they are.", '["mesh.dat"]'),
    "retry_on": Key((list,), "Exit statuses after which a command is run again.", "[75]"),
    "retries": Key((int,), "How often; 3 if left out.", "3"),
    "retry_wait": Key(_NUMBER, "Seconds before it is; 10 if left out.", "10"),
}

RUN: Mapping[str, Key] = {
    "direction": Key((str,), "Of a single objective.", '"maximize"', ("minimize", "maximize")),
    "n_trials": Key((int,), "Evaluations of the whole run, failures included.", "100"),
    "timeout": Key(_NUMBER, "Seconds after which no trial is begun.", "3600"),
    "target": Key(_NUMBER, "A value that is good enough: the run ends there.", "0.01"),
    "patience": Key((int,), "End after so many trials without an improvement.", "30"),
    "stop_after_failures": Key((int,), "End when so many in a row failed.", "5"),
    "seed": Key((int,), "Same seed, same trials.", "0"),
    "workers": Key((int,), "Evaluations at once.", "4"),
    "storage": Key((str,), "File to keep the run in.", '"run.db"'),
    "deterministic": Key((bool,), "Evaluating a point twice gives the same value.", "true"),
    "early_stopping": Key(
        (str,),
        "Whether a command that prints its steps is ended early: auto, median or none.",
        '"median"',
        ("auto", "median", "none"),
    ),
    "earlier": Key(
        (list,), "Files of runs of like problems, which inform this one.", '["old.db"]'
    ),
    "budget": Key((dict,), "What all trials together may cost, or their seconds.", "{cost = 60}"),
    "stop": Key(
        (str, dict),
        'End when little is left to gain: `"converged"`, `{converged = PART}` or '
        "`{worth_it = PRICE}`.",
        "{worth_it = 0.1}",
    ),
}

_PART = (str, dict)
OPTIMIZER: Mapping[str, Key] = {
    "surrogate": Key(_PART, "The model, `MapGP` if left out.", '"MapGP"'),
    "acquisition": Key(
        _PART, "What is proposed next, `LogEI` if left out.", "{UCB = {beta = 2.0}}"
    ),
    "proposer": Key(
        _PART, "How it is searched, `AcquisitionSearch` if left out.", '"RandomSearch"'
    ),
    "initial_design": Key(_PART, "The first points.", "{InitialDesign = {n = 10}}"),
}

CANDIDATES: Mapping[str, Key] = {
    "file": Key((str,), "CSV whose rows are the only points.", '"reactions.csv"'),
    "descriptors": Key((list,), "Columns that inform the model and are not chosen.", '["pKa"]'),
    "ordinal": Key((list, dict), "Columns whose values are ordered.", '["dose"]'),
}

CONSTRAINT: Mapping[str, Key] = {
    "sum": Key((list,), "The sum of these parameters.", '["water", "ethanol"]'),
    "coefficients": Key((dict,), "Or a weighted sum: name = weight.", "{x = 1, y = 2}"),
    "equals": Key(_NUMBER, "is this", "1"),
    "upper": Key(_NUMBER, "is at most this", "3"),
    "lower": Key(_NUMBER, "is at least this", "0"),
    "if_active": Key((bool,), "Only where all of its parameters are active.", "true"),
    "at_most": Key((int,), "At most so many of the parameters `of` are not zero.", "3"),
    "of": Key((list,), "The parameters of `at_most`.", '["a", "b", "c", "d"]'),
}

# top-level tables: what they are, as the types of their value
TOP: Mapping[str, Key] = {
    "space": Key((dict,), "A table `[space.NAME]` for each parameter."),
    "candidates": Key((dict,), "In place of it: a table of the only points."),
    "constraints": Key((list,), "Known constraints, a table `[[constraints]]` each."),
    "objectives": Key((dict,), "Several objectives: name = direction.", '{error = "minimize"}'),
    "thresholds": Key((dict,), "What of them is just good enough.", "{error = 0.5}"),
    "outcome_constraints": Key(
        (dict, list),
        "Limits of further outputs; a list of names means <= 0.",
        '{impurity = "<= 0.5"}',
    ),
    "records": Key((list,), "Outputs that are only recorded.", '["time_ms"]'),
    "objective": Key((dict,), "How a point is evaluated; not for ask and tell."),
    "run": Key((dict,), "How the run goes."),
    "optimizer": Key((dict,), "Parts of the algorithm."),
}

_PARAMETER: Mapping[str, str] = {
    "low": "The least value.",
    "high": "The largest value; the name of another parameter: at most that one's value.",
    "log": "Whether it is looked at on a logarithmic scale.",
    "step": "The distance of the values, counted from `low`.",
    "default": "Where one is today: the middle of what is tried if left out.",
    "when": "It is active when these parameters have one of these values.",
    "role": "`design` if left out; `context`: given with each ask; `fidelity`: how exact it is.",
    "prior": "A belief about where the optimum is: `{normal = [80, 10]}`, or weights of choices.",
    "values": "Its values in order.",
    "positions": "Where they lie on a line.",
    "choices": 'Its values; None is written `{json = "null"}`.',
    "value": "Its value.",
    "target": "The one of its choices that is to be optimised.",
}
_EXAMPLES: Mapping[str, str] = {
    "low": "0.0", "high": "1.0", "log": "true", "step": "0.05", "default": "0.3",
    "when": '{solvent = ["DMF", "THF"]}', "role": '"context"', "prior": "{normal = [80, 10]}",
    "values": "[1, 2, 5]", "positions": "[0.0, 1.0, 4.0]", "choices": '["a", "b"]', "value": "3",
    "target": '"b"',
}  # fmt: skip
_JSON_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean", list: "array",
               dict: "object"}  # fmt: skip


def types_of(keys: Mapping[str, Key]) -> dict[str, tuple[type, ...]]:
    """The types of each key's value."""
    return {name: key.types for name, key in keys.items()}


def reference() -> str:
    """``docs/toml.md``."""
    lines = [
        "# The specification file: every key",
        "",
        "This page is made of the list that the reader uses: `python -m bayesopt.cli.toml_schema "
        "docs`. An editor that",
        "knows JSON schemas completes and checks the file with [spec.schema.json]"
        "(spec.schema.json), or with",
        "`bayesopt check --schema > spec.schema.json`. `bayesopt check spec.toml` says what is "
        "wrong, with the line.",
        "",
        "```toml",
        *_WHOLE.strip().splitlines(),
        "```",
        "",
        "## The file",
        "",
        *_table(TOP),
        "",
        "## Parameters: `[space.NAME]`",
        "",
        "`type` says which kind it is; the other keys depend on it.",
        "",
    ]
    for kind, cls in _kinds().items():
        lines += [f'### `type = "{kind}"`', ""]
        lines += ["| key | needed | meaning | example |", "|---|---|---|---|"]
        for field in fields(cls):
            needed = "yes" if field.default is MISSING else ""
            says, example = _PARAMETER[field.name], _EXAMPLES[field.name]
            written = f"`{field.name} = {example}`"
            lines.append(f"| `{field.name}` | {needed} | {says} | {written} |")
        lines.append("")
    for heading, text, keys in (
        ("Known constraints: `[[constraints]]`", _CONSTRAINTS, CONSTRAINT),
        ("Candidates: `[candidates]`", "", CANDIDATES),
        ("How a point is evaluated: `[objective]`", _OBJECTIVE_TEXT, OBJECTIVE),
        ("How the run goes: `[run]`", "", RUN),
        ("Parts of the algorithm: `[optimizer]`", _OPTIMIZER_TEXT, OPTIMIZER),
    ):
        lines += [f"## {heading}", "", *([text, ""] if text else []), *_table(keys), ""]
    return "\n".join(lines).rstrip() + "\n"


def json_schema() -> dict[str, Any]:
    """The JSON schema (draft 2020-12) of a specification."""
    parameter = {
        "oneOf": [
            {
                "type": "object",
                "properties": {
                    "type": {"const": kind},
                    **{f.name: {"description": _PARAMETER[f.name]} for f in fields(cls)},
                },
                "required": ["type", *(f.name for f in fields(cls) if f.default is MISSING)],
                "additionalProperties": False,
            }
            for kind, cls in _kinds().items()
        ]
    }
    special: dict[str, Any] = {
        "space": {"type": "object", "additionalProperties": parameter},
        "constraints": {"type": "array", "items": _object(CONSTRAINT)},
        "candidates": _object(CANDIDATES, ["file"]),
        "objective": _object(OBJECTIVE),
        "run": _object(RUN),
        "optimizer": _object(OPTIMIZER),
    }
    whole = _object(TOP)
    whole["properties"] |= {
        name: {**schema, "description": TOP[name].says} for name, schema in special.items()
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "bayesopt",
        **whole,
    }


def _object(keys: Mapping[str, Key], required: Iterable[str] = ()) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for name, key in keys.items():
        types = list(dict.fromkeys(_JSON_TYPES[t] for t in key.types))
        said: dict[str, Any] = {"type": types[0] if len(types) == 1 else types}
        properties[name] = said | {"description": key.says}
        if key.one_of:
            properties[name]["enum"] = list(key.one_of)
    found = {"type": "object", "properties": properties, "additionalProperties": False}
    return found | ({"required": list(required)} if required else {})


def _table(keys: Mapping[str, Key]) -> list[str]:
    lines = ["| key | meaning | example |", "|---|---|---|"]
    for name, key in keys.items():
        says = key.says + (
            f" One of {', '.join(f'`{w}`' for w in key.one_of)}." * bool(key.one_of)
        )
        example = f"`{name} = {key.example}`" if key.example else ""
        lines.append(f"| `{name}` | {says} | {example} |")
    return lines


def _kinds() -> dict[str, Any]:
    from bayesopt.space.documents import TYPES

    return dict(TYPES)


_WHOLE = """
[space.temperature]
type = "float"
low = 20
high = 120

[space.solvent]
type = "categorical"
choices = ["DMF", "MeCN"]

[outcome_constraints]
impurity = "<= 0.5"

[objective]
command = ["./react", "{temperature}", "{solvent}"]
timeout = 600

[run]
direction = "maximize"
n_trials = 40
seed = 0

[optimizer]
acquisition = {UCB = {beta = 2.0}}
"""
_CONSTRAINTS = (
    "`sum` or `coefficients` with `equals`, `upper` or `lower`; or `at_most` with `of`. More in "
    "[mixtures.md](mixtures.md)."
)
_OBJECTIVE_TEXT = "Either `callable` or `command`. More in [simulator.md](simulator.md)."
_OPTIMIZER_TEXT = (
    "Each is the name of a class, or one with its options: "
    "`acquisition = {UCB = {beta = 2.0}}`. Capitals do not matter, and `log_ei` is `LogEI`. A "
    "part in a part is written in the same way: "
    "`surrogate = {MapGP = {priors = {Priors = {...}}}}`."
)


def main(folder: str) -> None:
    """Write ``toml.md`` and ``spec.schema.json`` into a folder."""
    from pathlib import Path

    Path(folder, "toml.md").write_text(reference(), encoding="utf-8")
    text = json.dumps(json_schema(), indent=1) + "\n"
    Path(folder, "spec.schema.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    import sys

    main(sys.argv[1])
