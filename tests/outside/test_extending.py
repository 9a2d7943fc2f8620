"""The examples in docs/extending.md are short, whole, and keep the laws that they run."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import bayesopt.testing

DOCUMENT = Path(__file__).parents[2] / "docs" / "extending.md"
BLOCKS = re.findall(
    r"^```python\n(.*?)^```$", DOCUMENT.read_text("utf-8"), re.DOTALL | re.MULTILINE
)

# Each example's classes of tests are run here as pytest would run them in its own file.
for _block in BLOCKS:
    _names = {"__name__": __name__}
    exec(compile(_block, str(DOCUMENT), "exec"), _names)
    globals().update({name: part for name, part in _names.items() if name.startswith("Test")})


def test_there_is_an_example_of_each_law():
    for name in bayesopt.testing.__all__:
        assert sum(f"({name}):" in block for block in BLOCKS) == 1, name


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: re.findall(r"class (\w+)", block)[-1])
def test_an_example_has_at_most_25_lines(block):
    assert len([line for line in block.splitlines() if line.strip()]) <= 25


def test_pytest_and_hypothesis_are_needed_when_a_law_is_used_only():
    program = (
        "import sys, bayesopt.testing as t; assert dir(t)\n"
        "assert not {'pytest', 'hypothesis', 'numba'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", bayesopt.testing.__all__)
def test_without_them_the_extra_is_named(name, monkeypatch):
    monkeypatch.delitem(vars(bayesopt.testing), name, raising=False)
    monkeypatch.setattr(bayesopt.testing, "find_spec", lambda library: None)
    with pytest.raises(
        ImportError, match=rf"{name} needs pytest and hypothesis: .*engine\[test\]"
    ):
        getattr(bayesopt.testing, name)
    with pytest.raises(AttributeError, match="no attribute 'KernelLaws'"):
        _ = bayesopt.testing.KernelLaws
