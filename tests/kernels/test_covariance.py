"""Covariance kernels against naive twins, scikit-learn, finite differences, and laws."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, Matern, WhiteKernel

from bayesopt_kernels import covariance as kernels

FAMILIES = [kernels.MATERN12, kernels.MATERN32, kernels.MATERN52, kernels.RBF]
NAMES = ["matern12", "matern32", "matern52", "rbf"]
SMOOTHNESS = {kernels.MATERN12: 0.5, kernels.MATERN32: 1.5, kernels.MATERN52: 2.5}
each_family = pytest.mark.parametrize("family", FAMILIES, ids=NAMES)
smooth_family = pytest.mark.parametrize("family", FAMILIES[1:], ids=NAMES[1:])
EPS = np.finfo(float).eps


def naive_radial(family, r2):
    """The four radial functions as the book writes them."""
    r = math.sqrt(r2)
    if family == kernels.MATERN12:
        return math.exp(-r)
    if family == kernels.MATERN32:
        return (1 + math.sqrt(3) * r) * math.exp(-math.sqrt(3) * r)
    if family == kernels.MATERN52:
        return (1 + math.sqrt(5) * r + 5 / 3 * r2) * math.exp(-math.sqrt(5) * r)
    return math.exp(-r2 / 2)


def naive_slope(family, r2):
    """Derivative of `naive_radial` in r2, by hand."""
    r = math.sqrt(r2)
    if family == kernels.MATERN12:
        return -math.exp(-r) / (2 * r) if r > 0 else 0.0
    if family == kernels.MATERN32:
        return -3 / 2 * math.exp(-math.sqrt(3) * r)
    if family == kernels.MATERN52:
        return -5 / 6 * (1 + math.sqrt(5) * r) * math.exp(-math.sqrt(5) * r)
    return -math.exp(-r2 / 2) / 2


def naive_cross(family, z, codes, z2, codes2, c, s2):
    """Covariances and slopes, one pair at a time."""
    K, D = np.empty((len(z), len(z2))), np.empty((len(z), len(z2)))
    for i in range(len(z)):
        for j in range(len(z2)):
            r2 = sum((a - b) ** 2 for a, b in zip(z[i], z2[j], strict=True))
            differ = sum(c[h] for h in range(len(c)) if codes[i, h] != codes2[j, h])
            K[i, j] = s2 * math.exp(-differ) * naive_radial(family, r2)
            D[i, j] = s2 * math.exp(-differ) * naive_slope(family, r2)
    return K, D


def naive_evidence_weights(inverse, alpha, K, D, codes):
    """The weights as whole matrices; all arguments full and symmetric."""
    A = inverse - np.outer(alpha, alpha)
    unequal = [(A * K)[codes[:, [h]] != codes[:, h]].sum() for h in range(codes.shape[1])]
    return A * D, np.array([(A * K).sum(), np.trace(A), *unequal])


def cross(family, z, codes, z2, codes2, c, s2):
    K, D = np.full((len(z), len(z2)), np.nan), np.full((len(z), len(z2)), np.nan)
    zt, codes_t = np.ascontiguousarray(z2.T), np.ascontiguousarray(codes2.T)
    kernels.cross(family, z, codes, zt, codes_t, c, s2, 0, K, D)
    return K, D


def lower_triangles(family, z, codes, c, s2, K, D):
    zt, codes_t = np.ascontiguousarray(z.T), np.ascontiguousarray(codes.T)
    kernels.cross(family, np.ascontiguousarray(z), codes, zt, codes_t, c, s2, 1, K, D)


def gram(family, z, codes, c, s2):
    """Full symmetric matrices made from the kernel's lower triangles."""
    K, D = np.full((len(z), len(z)), np.nan), np.full((len(z), len(z)), np.nan)
    lower_triangles(family, z, codes, c, s2, K, D)
    return tuple(np.tril(M) + np.tril(M, -1).T for M in (K, D))


def mixed_points(seed, n, *, q=2, h=2, switched=1):
    """Points with q numeric, h categorical and some conditional parameters, some coincident.

    A conditional numeric parameter has two features, its centred coordinate and its activity,
    both 0 where it is inactive; an inactive category has the code -1.
    """
    rng = np.random.default_rng(seed)
    u = np.round(rng.random((n, q + switched)), 2 if seed % 2 else 1) - 0.5
    active = rng.random((n, switched)) < 0.6
    u[:, q:] *= active
    features = np.concatenate([u, math.sqrt(1 / 12) * active], axis=1)
    scales = np.exp(rng.uniform(math.log(0.02), math.log(50), q + switched))
    z = features / np.concatenate([scales, scales[q:]])
    codes = rng.integers(-1, 3, (n, h))
    return np.ascontiguousarray(z), codes, rng.uniform(0.01, 3, h), float(rng.uniform(0.1, 9))


# ---- the exponential -------------------------------------------------------------------------


def test_exponential_agrees_with_the_library_within_2_ulp():
    x = np.concatenate([-np.geomspace(1e-300, 707.9, 3000), np.linspace(-707, 0, 5001)])
    got = x.copy()
    kernels.exp_nonpositive(got, np.empty_like(x))
    assert (np.abs(got - np.exp(x)) <= 2 * np.spacing(np.exp(x))).all()


def test_exponential_ends():
    x = np.array([0.0, -0.0, -708.5, -1e300, -math.inf])
    kernels.exp_nonpositive(x, np.empty_like(x))
    np.testing.assert_array_equal(x, [1.0, 1.0, 0.0, 0.0, 0.0])


# ---- values ------------------------------------------------------------------------------------


@each_family
def test_radial_is_the_formula_and_its_slope(family):
    r2 = np.concatenate([[0.0], np.geomspace(1e-14, 1e4, 300)])
    k, d = r2.copy(), np.empty_like(r2)
    kernels.radial(family, k, d, np.empty_like(r2))
    np.testing.assert_allclose(k, [naive_radial(family, x) for x in r2], rtol=2e-13, atol=1e-300)
    np.testing.assert_allclose(d, [naive_slope(family, x) for x in r2], rtol=2e-13, atol=1e-300)


@each_family
@pytest.mark.parametrize(("q", "h", "switched"), [(3, 2, 2), (1, 0, 0), (0, 3, 0), (0, 0, 1)])
def test_cross_is_the_twin(family, q, h, switched):
    z, codes, c, s2 = mixed_points(1, 17, q=q, h=h, switched=switched)
    K, D = cross(family, z[:5], codes[:5], z[3:], codes[3:], c, s2)
    K_naive, D_naive = naive_cross(family, z[:5], codes[:5], z[3:], codes[3:], c, s2)
    np.testing.assert_allclose(K, K_naive, rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(D, D_naive, rtol=1e-12, atol=1e-300)


@each_family
def test_gram_is_the_twin(family):
    z, codes, c, s2 = mixed_points(2, 13)
    K, D = gram(family, z, codes, c, s2)
    K_naive, D_naive = naive_cross(family, z, codes, z, codes, c, s2)
    np.fill_diagonal(D_naive, 0.0)
    np.testing.assert_allclose(K, K_naive, rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(D, D_naive, rtol=1e-12, atol=1e-300)


@each_family
def test_gram_leaves_the_upper_triangle_alone(family):
    z, codes, c, s2 = mixed_points(3, 6)
    K, D = np.full((6, 6), 7.0), np.full((6, 6), 7.0)
    lower_triangles(family, z, codes, c, s2, K, D)
    assert (K[np.triu_indices(6, 1)] == 7.0).all()
    assert (D[np.triu_indices(6, 1)] == 7.0).all()
    assert (K.diagonal() == s2).all()


@each_family
def test_agrees_with_scikit_learn(family):
    rng = np.random.default_rng(0)
    X, Y, scales = rng.random((20, 3)), rng.random((9, 3)), np.array([0.3, 1.5, 0.08])
    none = np.empty((20, 0), np.int64)
    if family == kernels.RBF:
        theirs = RBF(length_scale=scales)
    else:
        theirs = Matern(length_scale=scales, nu=SMOOTHNESS[family])
    K, _ = cross(family, X / scales, none, Y / scales, none[:9], np.empty(0), 1.0)
    np.testing.assert_allclose(K, theirs(X, Y), rtol=1e-12)
    K, _ = gram(family, X / scales, none, np.empty(0), 1.0)
    np.testing.assert_allclose(K, theirs(X), rtol=1e-12)


def test_heat_kernel_of_a_category():
    """With beta and g labels: (1 - exp(-beta g)) / (1 + (g - 1) exp(-beta g)) for unequal ones."""
    beta, g = 0.4, 5
    laplacian = g * np.eye(g) - np.ones((g, g))  # of the complete graph
    values, vectors = np.linalg.eigh(laplacian)
    heat = vectors @ np.diag(np.exp(-beta * values)) @ vectors.T
    heat /= heat[0, 0]
    codes = np.arange(g).reshape(-1, 1)
    c = np.array([-math.log(heat[0, 1])])
    K, _ = gram(kernels.MATERN52, np.empty((g, 0)), codes, c, 1.0)
    np.testing.assert_allclose(K, heat, rtol=1e-12)


# ---- laws --------------------------------------------------------------------------------------

seeds = st.integers(0, 2**32 - 1)
spaces = st.fixed_dictionaries(
    {"q": st.integers(0, 3), "h": st.integers(0, 3), "switched": st.integers(0, 2)}
)


@each_family
@given(seed=seeds, n=st.integers(1, 9), space=spaces)
def test_matrices_are_symmetric_and_positive_semidefinite(family, seed, n, space):
    z, codes, c, s2 = mixed_points(seed, n, **space)
    K, D = cross(family, z, codes, z, codes, c, s2)
    np.testing.assert_array_equal(K, K.T)
    np.testing.assert_array_equal(D, D.T)
    assert np.linalg.eigvalsh(K).min() >= -8 * n * EPS * s2
    assert (K.diagonal() == s2).all()
    assert ((K >= 0) & (s2 >= K)).all()
    assert (D <= 0).all()


@each_family
@given(seed=seeds, n=st.integers(1, 8), space=spaces)
def test_gram_and_cross_are_bitwise_the_same(family, seed, n, space):
    z, codes, c, s2 = mixed_points(seed, n, **space)
    K, D = gram(family, z, codes, c, s2)
    K_cross, D_cross = cross(family, z, codes, z, codes, c, s2)
    np.fill_diagonal(D_cross, 0.0)
    np.testing.assert_array_equal(K, K_cross)
    np.testing.assert_array_equal(D, D_cross)


@each_family
@given(seed=seeds, space=spaces)
def test_order_of_points_and_columns_does_not_matter(family, seed, space):
    z, codes, c, s2 = mixed_points(seed, 7, **space)
    rng = np.random.default_rng(seed)
    rows, cols = rng.permutation(7), rng.permutation(z.shape[1])
    cats = rng.permutation(len(c))
    K, D = cross(family, z, codes, z, codes, c, s2)
    K_rows, D_rows = cross(family, z[rows], codes[rows], z, codes, c, s2)
    np.testing.assert_array_equal(K_rows, K[rows])
    np.testing.assert_array_equal(D_rows, D[rows])
    z, codes = np.ascontiguousarray(z[:, cols]), np.ascontiguousarray(codes[:, cats])
    K_cols, D_cols = cross(family, z, codes, z, codes, np.ascontiguousarray(c[cats]), s2)
    np.testing.assert_allclose(K_cols, K, rtol=1e-11, atol=1e-290)
    np.testing.assert_allclose(D_cols, D, rtol=1e-11, atol=1e-290)


@each_family
@given(seed=seeds, shift=st.floats(-0.5, 0.5))
def test_only_differences_count(family, seed, shift):
    rng = np.random.default_rng(seed)
    z = np.round(rng.random((5, 2)) * 64) / 64  # sums of these do not round
    shift = round(shift * 64) / 64
    codes = rng.integers(0, 3, (5, 1))
    K, _ = gram(family, z, codes, np.array([0.7]), 1.0)
    moved, _ = gram(family, z + shift, 2 - codes, np.array([0.7]), 1.0)  # labels renamed as well
    np.testing.assert_array_equal(moved, K)


@each_family
def test_coincident_points(family):
    z, codes = np.full((4, 2), 0.3), np.ones((4, 1), np.int64)
    K, D = cross(family, z, codes, z, codes, np.array([1.0]), 2.5)
    assert (K == 2.5).all()
    assert np.isfinite(D).all()
    expected = 2.5 * naive_slope(family, 0.0)
    np.testing.assert_allclose(D, expected)


@each_family
def test_far_points_are_uncorrelated(family):
    none = np.empty((1, 0), np.int64)
    K, D = cross(family, np.array([[0.0]]), none, np.array([[1e100]]), none, np.empty(0), 1.0)
    assert K[0, 0] == 0.0
    assert D[0, 0] == 0.0


@each_family
def test_no_points_and_no_columns(family):
    none = np.empty((3, 0), np.int64)
    K, _ = cross(family, np.empty((0, 2)), none[:0], np.zeros((3, 2)), none, np.empty(0), 1.0)
    assert K.shape == (0, 3)
    K, _ = gram(family, np.empty((3, 0)), none, np.empty(0), 1.5)
    assert (K == 1.5).all()


# ---- derivatives -------------------------------------------------------------------------------


@each_family
def test_slopes_give_the_gradient_in_the_inputs(family):
    z, codes, c, s2 = mixed_points(5, 8, q=2, h=1)
    z = np.ascontiguousarray(0.05 * z + np.arange(8)[:, None])  # apart: Matern-1/2 has a kink
    _, D = cross(family, z[:1], codes[:1], z[1:], codes[1:], c, s2)
    step = 1e-5
    for f in range(z.shape[1]):
        gradient = 2 * D[0] * (z[0, f] - z[1:, f])
        up, down = z[:1].copy(), z[:1].copy()
        up[0, f] += step
        down[0, f] -= step
        numeric = (
            cross(family, up, codes[:1], z[1:], codes[1:], c, s2)[0]
            - cross(family, down, codes[:1], z[1:], codes[1:], c, s2)[0]
        ) / (2 * step)
        np.testing.assert_allclose(gradient, numeric[0], rtol=1e-6, atol=1e-9)


@smooth_family
def test_gradient_vanishes_smoothly_at_a_coincident_point(family):
    none, step = np.empty((1, 0), np.int64), 1e-6
    here = np.array([[0.2, -0.1]])
    beside = here + np.array([[step, 0.0]])
    K, D = cross(family, beside, none, here, none, np.empty(0), 1.0)
    assert 2 * D[0, 0] * step == pytest.approx(2 * naive_slope(family, 0.0) * step, rel=1e-5)
    assert K[0, 0] == pytest.approx(1.0, abs=1e-11)


def negative_log_evidence(family, u, codes, y, log_theta, kernel):
    """0.5 y' A^-1 y + 0.5 log det A, A = K + noise, for log [s2, noise, lengthscales, weights]."""
    q = u.shape[1]
    s2, noise, scales, c = np.split(np.exp(log_theta), [1, 2, 2 + q])
    K, _ = kernel(family, u / scales, codes, u / scales, codes, c, float(s2[0]))
    A = K + noise[0] * np.eye(len(y))
    return 0.5 * y @ np.linalg.solve(A, y) + 0.5 * np.linalg.slogdet(A)[1]


def evidence_gradient(family, u, codes, y, log_theta):
    """Gradient in log theta by way of `evidence_weights`."""
    q = u.shape[1]
    s2, noise, scales, c = np.split(np.exp(log_theta), [1, 2, 2 + q])
    z = u / scales
    K, D = gram(family, z, codes, c, float(s2[0]))
    inverse = np.linalg.inv(K + noise[0] * np.eye(len(y)))
    W, totals = np.full(K.shape, np.nan), np.full(2 + len(c), np.nan)
    codes_t = np.ascontiguousarray(codes.T)
    kernels.evidence_weights(inverse, inverse @ y, K, D, codes_t, W, totals)
    squares = (z[:, None, :] - z[None, :, :]) ** 2
    by_scales = 0.5 * np.einsum("ij,ijf->f", W, -2 * squares)
    return np.concatenate(
        [[0.5 * totals[0], 0.5 * noise[0] * totals[1]], by_scales, -0.5 * c * totals[2:]]
    )


def data(n=14, q=2, h=2):
    rng = np.random.default_rng(7)
    u, codes = rng.random((n, q)), rng.integers(0, 3, (n, h))
    y = np.sin(5 * u[:, 0]) + 0.3 * codes.sum(axis=1) + 0.1 * rng.normal(size=n)
    log_theta = np.log([1.3, 0.05, *[0.4, 0.9][:q], *[0.3, 1.1][:h]])
    return u, codes, y, log_theta


@each_family
def test_evidence_weights_are_the_twin(family):
    u, codes, y, _ = data()
    c = np.array([0.3, 1.1])
    K, D = gram(family, u, codes, c, 1.3)
    inverse = np.linalg.inv(K + 0.05 * np.eye(len(y)))
    inverse = (inverse + inverse.T) / 2
    alpha = inverse @ y
    W_naive, totals_naive = naive_evidence_weights(inverse, alpha, K, D, codes)
    W, totals = np.full(K.shape, np.nan), np.full(4, np.nan)
    lower = [np.tril(M) + np.triu(np.full(M.shape, np.nan), 1) for M in (inverse, K, D)]
    codes_t = np.ascontiguousarray(codes.T)
    kernels.evidence_weights(lower[0], alpha, lower[1], lower[2], codes_t, W, totals)
    np.testing.assert_allclose(W, W_naive, rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(totals, totals_naive, rtol=1e-10)


@each_family
def test_evidence_weights_may_take_the_place_of_the_slopes(family):
    u, codes, y, _ = data()
    K, D = gram(family, u, codes, np.array([0.3, 1.1]), 1.3)
    inverse = np.linalg.inv(K + 0.05 * np.eye(len(y)))
    apart, totals, codes_t = np.empty(K.shape), np.empty(4), np.ascontiguousarray(codes.T)
    kernels.evidence_weights(inverse, inverse @ y, K, D, codes_t, apart, totals)
    kernels.evidence_weights(inverse, inverse @ y, K, D, codes_t, D, totals)
    np.testing.assert_array_equal(D, apart)


@each_family
def test_evidence_gradient_agrees_with_finite_differences(family):
    u, codes, y, log_theta = data()
    gradient = evidence_gradient(family, u, codes, y, log_theta)
    step = 1e-5
    for t in range(len(log_theta)):
        shift = step * (np.arange(len(log_theta)) == t)
        up = negative_log_evidence(family, u, codes, y, log_theta + shift, naive_cross)
        down = negative_log_evidence(family, u, codes, y, log_theta - shift, naive_cross)
        assert gradient[t] == pytest.approx((up - down) / (2 * step), rel=1e-6, abs=1e-8)


@each_family
def test_evidence_gradient_agrees_with_scikit_learn(family):
    u, _, y, log_theta = data(h=0)
    scales = np.exp(log_theta[2:])
    radial = RBF(scales) if family == kernels.RBF else Matern(scales, nu=SMOOTHNESS[family])
    kernel = ConstantKernel(1.3) * radial + WhiteKernel(0.05)  # theta: s2, scales, noise
    model = GaussianProcessRegressor(kernel, optimizer=None, alpha=0.0).fit(u, y)
    evidence, theirs = model.log_marginal_likelihood(model.kernel_.theta, eval_gradient=True)
    codes = np.empty((len(y), 0), np.int64)
    ours = evidence_gradient(family, u, codes, y, log_theta)
    np.testing.assert_allclose(-ours, theirs[[0, 3, 1, 2]], rtol=1e-8)
    value = negative_log_evidence(family, u, codes, y, log_theta, cross)
    assert -value - 0.5 * len(y) * math.log(2 * math.pi) == pytest.approx(evidence, rel=1e-10)


def test_every_kernel_has_been_compiled_once():
    u, codes, y, log_theta = data()
    evidence_gradient(kernels.MATERN52, u, codes, y, log_theta)
    cross(kernels.MATERN52, u, codes, u, codes, np.array([0.3, 1.1]), 1.0)
    if not hasattr(kernels.cross, "signatures"):
        pytest.skip("not compiled: NUMBA_DISABLE_JIT is set")
    for name in ("exp_nonpositive", "radial", "cross", "evidence_weights"):
        assert len(getattr(kernels, name).signatures) == 1, name
