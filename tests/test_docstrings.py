"""The examples in docstrings do what they say."""

import doctest
import importlib
from importlib.util import find_spec
from pathlib import Path

import pytest

import bayesopt

ROOT = Path(bayesopt.__file__).parent
NEEDS = {
    "bayesopt.surrogate.full_bayes.pymc_model": "pymc",
    "bayesopt.integrations.sklearn.search": "sklearn",
}


def modules():
    """The modules with an example in them, found without importing any."""
    for path in sorted(ROOT.rglob("*.py")):
        if ">>> " in path.read_text(encoding="utf-8"):
            name = ".".join(path.relative_to(ROOT.parent).with_suffix("").parts)
            yield name.removesuffix(".__init__")


@pytest.mark.parametrize("name", [*modules()])
def test_the_examples_of(name):
    if name in NEEDS and find_spec(NEEDS[name]) is None:
        pytest.skip(f"{NEEDS[name]} is not installed")
    module = importlib.import_module(name)
    failed, tried = doctest.testmod(module)
    assert tried > 0, "an example that doctest does not see"
    assert failed == 0


def test_an_example_is_found_at_all():
    assert len([*modules()]) >= 5
