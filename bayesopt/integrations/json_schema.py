"""Spaces as JSON Schema: ``to_json_schema(space)``, ``from_json_schema(schema)``.

A parameter is a property, a condition an ``if``, ``then``, ``else``: an instance of the schema is
a point of the space. What JSON Schema has no word for stands under ``x-``: ``x-log``, ``x-step``,
``x-ordered``, ``x-positions``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from bayesopt.checks import shown
from bayesopt.integrations.exporting import check_exportable, choices_of, one_of
from bayesopt.space import Boolean, Constant, Float, Int, Ordinal, Parameter, Space

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def to_json_schema(space: Space) -> dict[str, Any]:
    """The schema of a space's points.

    Raises
    ------
    TypeError, ValueError : for constraints, and choices that are no JSON.
    """
    space = check_exportable(space, "JSON Schema")
    properties = {name: _property(name, p) for name, p in space.parameters.items()}
    schema: dict[str, Any] = {
        "$schema": _DIALECT,
        "type": "object",
        "properties": properties,
        "required": [name for name, p in space.parameters.items() if not p.when],
        "additionalProperties": False,
    }
    conditions = [_implication(name, p) for name, p in space.parameters.items() if p.when]
    return schema | ({"allOf": conditions} if conditions else {})


def from_json_schema(schema: Mapping[str, Any] | str) -> Space:
    """The space of a schema's instances.

    Properties of the types number and integer with bounds, boolean, ``enum`` and ``const`` are
    read, and conditions of the form that :func:`to_json_schema` writes: an ``if`` with ``const``
    or ``enum`` of other properties, a ``then`` with ``required``.

    Parameters
    ----------
    schema : as a mapping, or as text.

    Raises
    ------
    TypeError, ValueError : naming the property, for what is not read.
    """
    given = json.loads(schema) if isinstance(schema, str) else schema
    if not isinstance(given, Mapping) or not isinstance(given.get("properties"), Mapping):
        raise ValueError(f"the schema must be an object with 'properties'; got {shown(given)}")
    properties = given["properties"]
    when: dict[str, dict[str, list[Any]]] = {}
    for implication in given.get("allOf", ()):
        children, parents = _read_implication(implication)
        for child in children:
            if child not in properties:
                raise ValueError(f"allOf: 'then' requires {child!r}, which is no property")
            if child in when:
                raise ValueError(f"{child}: it has several conditions; write them as one 'if'")
            when[child] = parents
    return Space({name: _parameter(name, p, when.get(name)) for name, p in properties.items()})


def _property(name: str, parameter: Parameter) -> dict[str, Any]:
    if isinstance(parameter, Float | Int):
        kind = "integer" if isinstance(parameter, Int) else "number"
        found: dict[str, Any] = {"type": kind, "minimum": parameter.low, "maximum": parameter.high}
        found |= {"x-log": True} if parameter.log else {}
        found |= {"x-step": parameter.step} if parameter.step is not None else {}
        # what is written is what is needed: the middle is taken when nothing is said
        return found | _default(parameter, parameter.default)
    if isinstance(parameter, Boolean):
        return {"type": "boolean", **_default(parameter, parameter.default)}
    values = [_json(name, value) for value in choices_of(parameter)]
    if isinstance(parameter, Constant):
        return {"const": values[0]}
    found = {"enum": values}
    if isinstance(parameter, Ordinal):
        found["x-ordered"] = True
        if parameter.positions is not None:
            found["x-positions"] = list(parameter.positions)
    return found | _default(parameter, parameter.default)  # type: ignore[attr-defined]


def _default(parameter: Any, default: Any) -> dict[str, Any]:
    """A default that is not the one taken when nothing is said."""
    bare = type(parameter)(**{
        **{f: getattr(parameter, f) for f in parameter.__dataclass_fields__},
        "default": type(parameter).__dataclass_fields__["default"].default,
    })  # fmt: skip
    return {} if bare.default == default else {"default": default}


def _json(name: str, value: Any) -> Any:
    try:
        return json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError):
        raise ValueError(f"{name}: the choice {shown(value)} is no JSON value") from None


def _implication(name: str, parameter: Parameter) -> dict[str, Any]:
    parents = {
        parent: {"enum": [_json(parent, value) for value in values]}
        for parent, values in parameter.conditions.items()
    }
    return {
        "if": {"properties": parents, "required": list(parents)},
        "then": {"required": [name]},
        "else": {"properties": {name: False}},
    }


def _read_implication(given: object) -> tuple[list[str], dict[str, list[Any]]]:
    wrong = ValueError(
        "allOf: expected {'if': {'properties': {parent: {'enum': [...]}}}, 'then': {'required': "
        f"[child]}}}}; got {shown(given)}"
    )
    try:
        parents, children = given["if"]["properties"], given["then"]["required"]  # type: ignore[index]
        found = {
            name: [_frozen(v) for v in (p["enum"] if "enum" in p else [p["const"]])]
            for name, p in parents.items()
        }
    except (AttributeError, KeyError, TypeError):
        raise wrong from None
    if not isinstance(children, list) or not children or not found:
        raise wrong
    return children, found


def _parameter(name: str, given: object, when: Mapping[str, Any] | None) -> Parameter:
    if not isinstance(given, Mapping):
        raise ValueError(f"{name}: expected an object; got {shown(given)}")
    default = {"default": _frozen(given["default"])} if "default" in given else {}
    if "const" in given:
        return Constant(_frozen(given["const"]), when=when)
    if "enum" in given:
        values = [_frozen(value) for value in given["enum"]]
        if given.get("x-ordered") and len(values) > 1:
            return Ordinal(values, positions=given.get("x-positions"), when=when, **default)
        made = one_of(values, when)
        return made if not default else type(made)(values, when=when, **default)  # type: ignore[call-arg]
    kind = given.get("type")
    if kind == "boolean":
        return Boolean(when=when, **default)
    if kind in ("number", "integer"):
        return _number(name, given, str(kind), when, default)
    raise ValueError(
        f"{name}: expected a number, an integer, a boolean, 'enum' or 'const'; got {shown(given)}"
    )


def _number(
    name: str,
    given: Mapping[str, Any],
    kind: str,
    when: Mapping[str, Any] | None,
    default: Mapping[str, Any],
) -> Parameter:
    low, high = given.get("minimum"), given.get("maximum")
    if kind == "integer":
        if low is None and "exclusiveMinimum" in given:
            low = math.floor(given["exclusiveMinimum"]) + 1
        if high is None and "exclusiveMaximum" in given:
            high = math.ceil(given["exclusiveMaximum"]) - 1
    else:
        low = given.get("exclusiveMinimum") if low is None else low
        high = given.get("exclusiveMaximum") if high is None else high
    if low is None or high is None:
        raise ValueError(
            f"{name}: a {kind} needs 'minimum' and 'maximum'; got {shown(dict(given))}"
        )
    step = given.get("x-step")
    if step is None and "multipleOf" in given:
        step = given["multipleOf"]
        low, high = math.ceil(low / step) * step, math.floor(high / step) * step
    log = bool(given.get("x-log", False))
    if kind == "integer":
        return Int(low, high, log=log, step=None if step == 1 else step, when=when, **default)
    return Float(low, high, log=log, step=step, when=when, **default)


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, Sequence) and not isinstance(
        value, str
    ) else value  # fmt: skip
