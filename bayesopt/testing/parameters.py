"""The contract of a parameter: inherit the class, say which, and every law is checked."""

from __future__ import annotations

import json
import math
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import bayesopt as bo
from bayesopt.space import Parameter, Space

Floats = NDArray[np.float64]

law = settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.differing_executors]
)
several = st.lists(st.floats(0.0, 1.0), min_size=1, max_size=8)


class ParameterLaws:
    """Subclasses give ``parameter``: one with a column, that is not a constant."""

    def parameter(self) -> Parameter:
        """The parameter; a new one at each call."""
        raise NotImplementedError

    def space(self) -> Space:
        """The space of this parameter alone."""
        return Space(x=self.parameter())

    def legal(self, cube: list[float]) -> Floats:
        """Legal coordinates (n, 1)."""
        return self.space().from_cube(np.array(cube)[:, None])

    @law
    @given(several)
    def test_values_survive_rows_and_coordinates(self, cube: list[float]) -> None:
        parameter, space, coords = self.parameter(), self.space(), self.legal(cube)
        rows = space.to_rows(coords)
        for (number,) in rows.tolist():
            value = parameter.decode(number)
            assert parameter.encode(value, "x") == number
            assert parameter.decode(parameter.encode(value, "x")) == value
        assert space.same(space.to_coords(rows), coords).diagonal().all()

    @law
    @given(several)
    def test_legal_coordinates_are_the_nearest_to_themselves(self, cube: list[float]) -> None:
        space, coords = self.space(), self.legal(cube)
        np.testing.assert_allclose(space.snap(coords), coords, rtol=0, atol=1e-12)
        if not space.is_categorical[0]:
            assert ((coords >= 0.0) & (coords <= 1.0)).all()

    @law
    @given(st.lists(st.floats(-0.5, 1.5), min_size=1, max_size=8))
    def test_what_is_nearest_is_legal(self, anywhere: list[float]) -> None:
        space = self.space()
        coords = np.array(anywhere)[:, None]
        if space.is_categorical[0]:
            coords = np.floor(np.clip(coords, 0, 1) * (space.n_levels[0] - 1))
        snapped = space.snap(coords)
        np.testing.assert_allclose(space.snap(snapped), snapped, rtol=0, atol=1e-12)
        space.validate(space.decode(space.to_rows(snapped)[0]))

    @law
    @given(several)
    def test_greater_coordinates_are_greater_rows(self, cube: list[float]) -> None:
        coords = np.sort(self.legal(cube), axis=0)
        assert (np.diff(self.space().to_rows(coords)[:, 0]) >= 0.0).all()

    def test_the_cube_reaches_both_ends_and_every_level(self) -> None:
        space = self.space()
        grid = np.linspace(0.0, 1.0, 4001)[:, None]
        found, levels = space.from_cube(grid), float(space.n_levels[0])
        if levels <= 200:
            assert len(np.unique(found)) == levels
        elif not space.is_categorical[0]:
            assert (found.min(), found.max()) == (0.0, 1.0)
        if math.isinf(levels):
            assert len(np.unique(space.to_rows(found))) > 1000

    def test_an_inactive_value_stays_inactive(self) -> None:
        space = Space(on=bo.Boolean(), x=self.conditional())
        rows = space.to_rows(space.from_cube(np.array([[0.1, 0.7], [0.9, 0.7]])))
        assert np.isnan(rows[:, 1]).tolist() == [True, False]
        coords = space.to_coords(rows)
        np.testing.assert_allclose(space.snap(coords), coords, rtol=0, atol=1e-12)
        assert "x" not in space.decode(rows[0])
        assert "x" in space.decode(rows[1])

    def conditional(self) -> Any:
        """The parameter under the condition that ``on`` is true."""
        parameter: Any = self.parameter()
        if "when" not in {field.name for field in fields(parameter)}:
            pytest.skip("it cannot be conditional")
        return replace(parameter, when={"on": True})

    @pytest.mark.parametrize("value", [math.nan, object(), [object()]])
    def test_what_is_no_value_is_refused_by_name(self, value: object) -> None:
        for outside in (False, True):
            with pytest.raises((TypeError, ValueError), match="the name"):
                self.parameter().encode(value, "the name", outside=outside)

    def test_the_default_is_a_value(self) -> None:
        parameter = self.parameter()
        number = parameter.default_number()
        if number is not None:
            assert parameter.encode(parameter.decode(number), "x") == number

    def test_two_made_alike_are_equal_and_print_alike(self) -> None:
        one, other = self.parameter(), self.parameter()
        assert one == other
        assert hash(one) == hash(other)
        assert repr(one) == repr(other)
        assert " at 0x" not in repr(one)

    def test_it_survives_a_document(self) -> None:
        space = self.space()
        written = json.dumps(space.to_json(), allow_nan=False)
        assert Space.from_json(json.loads(written)) == space

    def test_it_may_be_a_context(self) -> None:
        """Given, it is exactly what was given, and never chosen."""
        parameter: Any = self.parameter()
        if "role" not in {field.name for field in fields(parameter)}:
            pytest.skip("it has no role")
        space = Space(x=replace(parameter, role="context"), y=bo.Float(0.0, 1.0))
        assert Space.from_json(json.loads(json.dumps(space.to_json()))) == space
        opt = bo.Optimizer(space, seed=1, n_trials=9)
        with pytest.raises(ValueError, match="the context lacks 'x'"):
            opt.ask()
        for u in (0.1, 0.9, 0.4, 0.9, 0.2, 0.7, 0.5):
            row = space.to_rows(space.from_cube(np.array([[u, 0.5]])))[0]
            value = parameter.decode(row[0])
            trial = opt.ask(context={"x": value})
            assert trial.params["x"] == value
            opt.tell(trial, trial.params["y"])

    def test_a_run_searches_it(self) -> None:
        """Legal points, none twice, and the same again from the same seed."""
        space = Space(x=self.parameter(), y=bo.Float(0.0, 1.0))
        runs = []
        for _ in range(2):
            opt = bo.Optimizer(space, seed=1, n_trials=9)
            for _ in range(9):
                trial = opt.ask()
                space.validate(trial.params)
                opt.tell(trial, float(space.to_coords(space.encode(trial.params)[None]).sum()))
            runs.append([trial.params for trial in opt.trials])
        assert runs[0] == runs[1]
        assert len({repr(params) for params in runs[0]}) == 9
