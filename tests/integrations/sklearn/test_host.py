"""Which scikit-learn is needed, said when it is another one or none."""

import importlib
import sys

import pytest

pytest.importorskip(
    "sklearn", reason="scikit-learn is not installed: pip install 'bayesopt-engine[sklearn]'"
)


def test_a_host_too_old_is_named_with_the_version_that_is_needed(monkeypatch):
    import bayesopt.integrations.sklearn as plugin

    monkeypatch.setattr(importlib.metadata, "version", lambda name: "1.4.2")
    with pytest.raises(ImportError, match=r"needs scikit-learn 1.5 or newer; found 1.4.2"):
        importlib.reload(plugin)


def test_a_missing_host_is_named_with_what_to_install(monkeypatch):
    import bayesopt.integrations.sklearn as plugin

    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(ImportError, match=r"bayesopt-engine\[sklearn\]"):
        importlib.reload(plugin)
