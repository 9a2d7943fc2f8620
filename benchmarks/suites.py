"""Named lists of problems."""

from __future__ import annotations

from benchmarks import problems

SMOKE = ("synthetic/branin-d2", "mixed/ackley-f2-i2-c2x5", "noisy/branin-d2-s20")

# Chosen before any result was seen: several of each group, evaluations of at most a second or so.
# The last of each group, 13 in all, were added when results of the other 25 were known, none of
# theirs.
PUBLIC: dict[str, tuple[str, ...]] = {
    "continuous": (
        "synthetic/branin-d2",
        "synthetic/hartmann-d6",
        "synthetic/ackley-d5",
        "synthetic/rosenbrock-d5",
        "synthetic/levy-d10",
        "bbob/f15-i2-d5",
        "bbob/f21-i4-d5",
        "bbob/f12-i5-d5",
        "bbob/f8-i3-d10",
    ),
    "mixed": (
        "mixed/ackley-f3-i0-c5x11",
        "mixed/hartmann-f3-i1-c2x5",
        "bbob-mixint/f3-i2-d5",
        "hpobench/car",
        "hpolib/naval_propulsion",
        "bbob-mixint/f10-i4-d5",
        "hpobench/vehicle",
        "mixed/levy-f3-i3-c2x4",
    ),
    "conditional": (
        "sklearn/svm-wine",
        "sklearn/pipeline-digits",
        "sklearn/boosting-breast",
        "sklearn/algorithm-wine",
        "sklearn/logistic-breast",
        "yahpo/rbv2_rpart-40499",
        "yahpo/rbv2_xgboost-1501",
    ),
    "combinatorial": (
        "combinatorial/maxsat-28",
        "combinatorial/contamination-20",
        "chemistry/direct_arylation",
        "nasbench201/cifar10",
        "pbo/ising_torus-25",
        "pbo/nk-25",
    ),
    "noisy": (
        "noisy/hartmann-d6-s10",
        "noisy/ackley-d3-h10",
        "bbob-noisy/f107-i1-d5",
        "noisy/levy-d4-s20",
        "noisy/hartmann-d6-h10",
        "bbob-noisy/f122-i3-d5",
    ),
    "constrained": ("engineering/pressure_vessel", "engineering/speed_reducer"),
}
# Kinds on which the default used to settle: noise, plateaus, tables, switches, failing regions,
# thin feasible sets. Named before any result of theirs.
UNSETTLED = (
    "noisy/michalewicz-d2-s25",
    "noisy/rosenbrock-d3-s100",
    "noisy/levy-d6-s25",
    "plateau/levy-d4-p5",
    "plateau/hartmann-d3-p10",
    "taskset/imdb_patch32_GRU128_bs128",
    "taskset/imdb_patch128_LSTM128_avg_bs64",
    "hss/cifar10",
    "hss/fashion_mnist",
    "failing/ackley-d4-f50",
    "failing/rosenbrock-d3-f40",
    "thin/weights-d6",
)
# for rivals that take minutes a run; one or two of each group
SUBSET = (
    "synthetic/hartmann-d6",
    "synthetic/rosenbrock-d5",
    "mixed/hartmann-f3-i1-c2x5",
    "sklearn/svm-wine",
    "combinatorial/contamination-20",
    "noisy/hartmann-d6-s10",
)
# full Bayes against MAP: from each group of `public` those of cheap evaluations, chosen before any
# result of full Bayes was seen
BAYES = (
    "synthetic/branin-d2",
    "synthetic/hartmann-d6",
    "synthetic/ackley-d5",
    "synthetic/rosenbrock-d5",
    "synthetic/levy-d10",
    "mixed/ackley-f3-i0-c5x11",
    "mixed/hartmann-f3-i1-c2x5",
    "hpobench/car",
    "hpolib/naval_propulsion",
    "sklearn/svm-wine",
    "combinatorial/contamination-20",
    "noisy/hartmann-d6-s10",
    "noisy/ackley-d3-h10",
    "engineering/pressure_vessel",
)

SUITES = ("smoke", "public", "unsettled", "subset", "bayes", "bbob-d5")


def problems_of(suite: str) -> list[str]:
    """Names of the problems of a suite: a list named here, all of one kind, or one problem."""
    named = {"smoke": SMOKE, "unsettled": UNSETTLED, "subset": SUBSET, "bayes": BAYES}
    if suite in named:
        return list(named[suite])
    if suite == "public":
        return [name for group in PUBLIC.values() for name in group]
    if suite == "bbob-d5":
        return [f"bbob/f{f}-i{i}-d5" for f in range(1, 25) for i in range(1, 6)]
    if "/" in suite or suite.endswith((".toml", ".py")):
        return [suite]
    return problems.names(suite)
