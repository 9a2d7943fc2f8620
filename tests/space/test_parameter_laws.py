"""Every type of parameter keeps the contract."""

import bayesopt as bo
from bayesopt.testing import ParameterLaws

PARAMETERS = {
    "Float": lambda: bo.Float(-5.0, 10.0),
    "FloatLog": lambda: bo.Float(1e-5, 0.1, log=True, default=1e-3),
    "FloatStep": lambda: bo.Float(0.0, 1.0, step=0.1),
    "Int": lambda: bo.Int(1, 9),
    "IntLog": lambda: bo.Int(1, 10**6, log=True),
    "IntStep": lambda: bo.Int(0, 100, step=5, default=25),
    "Ordinal": lambda: bo.Ordinal([0.0, 0.1, 0.5], positions=[0.0, 0.2, 1.0]),
    "Categorical": lambda: bo.Categorical(["a", None, 1, True, (1, 2)]),
    "Boolean": bo.Boolean,
}

for _name, _make in PARAMETERS.items():
    globals()[f"Test{_name}"] = type(
        f"Test{_name}", (ParameterLaws,), {"parameter": lambda _self, make=_make: make()}
    )
