"""Time of a sampling of the posterior: 500 + 500 draws a chain at n=100, d=10.

The first fit counts from the start of the process; for one on an empty cache::

    NUMBA_CACHE_DIR=$(mktemp -d) python -m benchmarks.calibration.timing --sampler nutpie

The refit follows on one more tenth of data, with warm starts. CPU seconds are told beside those of
the clock, which are those of a shared machine.
"""

from __future__ import annotations

import argparse
import os
import time

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[_name] = "1"
_BEGIN = time.perf_counter()


def main() -> None:
    import numpy as np

    import bayesopt as bo
    from bayesopt.surrogate import Columns, Observations
    from bayesopt.surrogate.full_bayes.layout import Layout

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sampler", choices=("pymc", "nutpie"), required=True)
    parser.add_argument("--prior", choices=("lognormal", "saas"), default="lognormal")
    parser.add_argument("--n", type=int, default=100)
    parser.add_argument("--d", type=int, default=10)
    parser.add_argument("--draws", type=int, default=500)
    parser.add_argument("--tune", type=int, default=500)
    args = parser.parse_args()

    rng = np.random.default_rng(0)
    coords = rng.random((args.n, args.d))
    y = np.sin(4.0 * coords[:, 0]) + coords[:, 1] + 0.05 * rng.standard_normal(args.n)
    columns = Columns(np.zeros(args.d, dtype=bool), np.zeros(args.d, dtype=bool))
    priors = bo.SaasPriors() if args.prior == "saas" else bo.Priors()
    surrogate = bo.FullBayesGP(
        priors=priors, sampler=args.sampler, draws=args.draws, tune=args.tune
    )
    gradients, state = [0], None
    plain = Layout.log_posterior

    def counted(*given):  # type: ignore[no-untyped-def]
        gradients[0] += 1
        return plain(*given)

    Layout.log_posterior = counted  # type: ignore[method-assign]
    wall, cpu = _BEGIN, 0.0
    for name, n in (("first", args.n - args.n // 10), ("refit", args.n)):
        gradients[0] = 0
        data = Observations(coords[:n], y[:n], np.full(n, np.nan), deterministic=False)
        fitted = surrogate.fit(columns, data, state=state, rng=rng)
        state = fitted.state
        spent = time.process_time() - cpu
        clock = time.perf_counter() - wall
        print(
            f"{args.prior} {args.sampler} {name}: whole fit CPU {spent:.1f} s, wall {clock:.1f}; "
            f"a chain CPU {spent / 2:.1f} s, wall {clock / 2:.1f}; "
            f"{gradients[0] // 2} gradients a chain, {1e6 * spent / gradients[0]:.0f} us each; "
            f"{state['refits'][-1]}",
            flush=True,
        )
        cpu, wall = time.process_time(), time.perf_counter()


if __name__ == "__main__":
    main()
