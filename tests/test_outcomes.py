"""What an objective may return, and what it may not."""

import numpy as np
import pytest

import bayesopt as bo

MASKED = [np.ma.masked, np.ma.array([3.0], mask=[True]), np.ma.array(3.0, mask=True)]


@pytest.mark.parametrize("value", [*MASKED, b"1", bytearray(b"1")])
@pytest.mark.parametrize("wrap", [lambda v: v, lambda v: {"value": v}])
def test_what_stands_for_no_number_is_refused(value, wrap):
    optimizer = bo.Optimizer(bo.Space(x=bo.Float(0, 1)))
    trial = optimizer.ask()
    with pytest.raises(TypeError, match="the objective's value"):
        optimizer.tell(trial, wrap(value))
    assert optimizer.tell(trial, np.ma.array([3.0])).value == 3.0
