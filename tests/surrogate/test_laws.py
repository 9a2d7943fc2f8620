"""Every surrogate keeps the contract."""

from bayesopt.surrogate import MapGP, Surrogate
from bayesopt.testing.surrogates import SurrogateLaws


class TestMapGP(SurrogateLaws):
    def surrogate(self) -> Surrogate:
        return MapGP()


class TestRBF(SurrogateLaws):
    def surrogate(self) -> Surrogate:
        return MapGP(kernel="rbf", transforms=("yeo-johnson", "log"), n_starts=1)
