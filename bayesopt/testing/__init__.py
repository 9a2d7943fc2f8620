"""Laws for parts of one's own: inherit a class, say which part, and pytest checks every law.

::

    from bayesopt.testing import AcquisitionLaws

    class TestMine(AcquisitionLaws):
        def acquisition(self):
            return Mine()

The package's own parts are tested by the same classes. They need pytest and hypothesis:
``pip install 'bayesopt-engine[test]'``. ``docs/extending.md`` has an example of each.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bayesopt.testing.acquisitions import AcquisitionLaws as AcquisitionLaws
    from bayesopt.testing.covariances import CovarianceLaws as CovarianceLaws
    from bayesopt.testing.parameters import ParameterLaws as ParameterLaws
    from bayesopt.testing.plug_ins import PlugInLaws as PlugInLaws
    from bayesopt.testing.proposers import ProposerLaws as ProposerLaws
    from bayesopt.testing.storages import StorageLaws as StorageLaws
    from bayesopt.testing.surrogates import SurrogateLaws as SurrogateLaws

_HOME = {
    "AcquisitionLaws": "acquisitions",
    "CovarianceLaws": "covariances",
    "ParameterLaws": "parameters",
    "PlugInLaws": "plug_ins",
    "ProposerLaws": "proposers",
    "StorageLaws": "storages",
    "SurrogateLaws": "surrogates",
}

__all__ = [*_HOME]  # noqa: PLE0604  (all are strings)

if "pytest" in sys.modules:  # so that a failed law shows values; before any of them is imported
    sys.modules["pytest"].register_assert_rewrite(*(f"{__name__}.{m}" for m in _HOME.values()))


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'bayesopt.testing' has no attribute {name!r}")
    missing = [library for library in ("pytest", "hypothesis") if find_spec(library) is None]
    if missing:
        raise ImportError(
            f"bayesopt.testing.{name} needs {' and '.join(missing)}: "
            "pip install 'bayesopt-engine[test]'"
        )
    globals()[name] = getattr(import_module(f"bayesopt.testing.{_HOME[name]}"), name)
    return globals()[name]


def __dir__() -> list[str]:
    return sorted(__all__)
