"""Coverage of the surrogate's intervals: the measures on known distributions, and a whole run."""

import numpy as np

import bayesopt as bo
from bayesopt.surrogate import GaussianProcess, MapGP
from benchmarks import problems, store
from benchmarks.calibration import held_out
from benchmarks.rivals.ours import parameter
from tests.surrogate.test_map_gp import fit, smooth_data


def test_measures_of_what_is_calibrated_and_what_is_not():
    u = (np.arange(4000) + 0.5) / 4000
    np.testing.assert_allclose(held_out.measures(u), [0.5, 0.9, 1.0], atol=0.01)
    sure = held_out.measures(np.where(u < 0.5, 0.001, 0.999))
    np.testing.assert_allclose(sure, [0.0, 0.0, 3.09], atol=0.01)


def test_distribution_functions_of_one_process_are_those_of_a_normal():
    data = smooth_data(20, noise=0.1)
    fitted = fit(data, transforms=("identity",))
    (gp,) = fitted.posterior.components
    mean, var = fitted.posterior.mean_var(data.coords)
    # two standard deviations of an observation above the mean
    values = fitted.transform.inverse(mean + 2.0 * np.sqrt(var + gp.noise_variance))
    u = held_out.cumulative(fitted, data.coords, values)
    np.testing.assert_allclose(u, 0.97725, atol=1e-4)


def test_left_out_ones_are_those_of_fits_without_each():
    data = smooth_data(12, noise=0.1)
    fitted = fit(data, transforms=("identity",))
    (gp,) = fitted.posterior.components
    u = held_out.left_out(fitted)
    rest = np.arange(12) != 3
    z = gp.y[:, 0]
    without = GaussianProcess.fit(gp.hyperparameters, data.coords[rest], z[rest])
    alone = type(fitted)(type(fitted.posterior).single(without), fitted.transform, {}, {})
    expected = held_out.cumulative(alone, data.coords[[3]], data.values[[3]])
    np.testing.assert_allclose(u[3], expected[0], atol=1e-8)


def test_a_table_of_kept_runs(tmp_path, capsys):
    problem = problems.load("synthetic/branin-d2")
    rng = np.random.default_rng(0)
    head = {"kind": "run", "schema": store.SCHEMA}
    for method in ("random", "bayesopt"):
        records = [head]
        for n in range(30):
            params = problem.space.from_unit(rng.random(2))
            value = None if n == 3 else problem.value(params)  # one failed
            records.append({"kind": "evaluation", "n": n + 1, "params": params, "value": value})
        key = store.Key(method, "1", "synthetic/branin-d2", 0, 30)
        store.write(key.path(tmp_path), records)
    given = [str(tmp_path), "--problems", "synthetic/branin-d2", "--budget", "30"]
    assert held_out.main(given) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("|")[1].strip() for line in lines[2:]] == ["random", "chosen", "left out"]
    assert all(line.split("|")[2].strip() == "1" for line in lines[2:])
    held_out.main([*given[:-1], "31"])
    assert "| random | 0 |" in capsys.readouterr().out
    held_out.main([str(tmp_path), "--problems", "synthetic/hartmann-d6"])
    assert "| random | 0 |" in capsys.readouterr().out


def test_a_run_gives_a_level_for_each_point_to_come():
    problem = problems.load("synthetic/branin-d2")
    rng = np.random.default_rng(0)
    evaluations = [{"params": p, "value": problem.value(p)} for p in (
        problem.space.from_unit(rng.random(2)) for _ in range(50)
    )]  # fmt: skip

    space = bo.Space({p.name: parameter(p) for p in problem.space.parameters})
    data = held_out.Data(store.Run({}, evaluations, []), space)
    u = np.concatenate(list(held_out.levels(data, MapGP(), "random")))
    assert len(u) == 20 + 10  # after 40 there are ten
    assert ((u >= 0) & (u <= 1)).all()
