"""A space of ConfigSpace, with a condition, searched as it is.

Needs the extra: pip install 'bayesopt-engine[configspace]'
"""

from ConfigSpace import Categorical, ConfigurationSpace, EqualsCondition, Float

import bayesopt as bo
from bayesopt.integrations.configspace import from_configspace


def their_space() -> ConfigurationSpace:
    """A choice of two kernels; gamma belongs to one of them."""
    cs = ConfigurationSpace()
    kernel = Categorical("kernel", ["linear", "rbf"])
    gamma = Float("gamma", (1e-4, 10.0), log=True)
    cs.add(kernel, Float("C", (1e-3, 1e3), log=True), gamma)
    cs.add(EqualsCondition(gamma, kernel, "rbf"))
    return cs


def loss(params):
    """Stands for a model's error."""
    miss = abs(params["C"] - 10.0) / (params["C"] + 10.0)
    return miss + (abs(params["gamma"] - 0.1) if params["kernel"] == "rbf" else 0.5)


def main(n_trials: int = 30) -> None:
    """Search it."""
    result = bo.minimize(loss, from_configspace(their_space()), n_trials=n_trials, seed=0)
    print(f"best {result.value:.3f} with {result.params}")


if __name__ == "__main__":
    main()
