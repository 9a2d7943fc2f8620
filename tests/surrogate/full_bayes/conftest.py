"""The tests of sampling need the extra ``bayes``; without it they say so and are skipped."""

from importlib.util import find_spec

import pytest

MISSING = [name for name in ("pymc", "arviz") if find_spec(name) is None]


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("bayes") and MISSING:
        pytest.skip(f"{' and '.join(MISSING)} not installed: pip install '.[bayes]'")
    if item.get_closest_marker("nutpie") and find_spec("nutpie") is None:
        pytest.skip("nutpie not installed: pip install '.[nutpie]'")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "bayes: needs PyMC and ArviZ")
    config.addinivalue_line("markers", "nutpie: needs nutpie")


@pytest.fixture(scope="session", autouse=True)
def _imported() -> None:
    """PyTensor raises the recursion limit when imported, which hypothesis minds during a test."""
    if not MISSING:
        from bayesopt.surrogate.full_bayes.extra import quiet

        with quiet():
            import pymc  # noqa: F401
