"""The parametric law L = E + A / N^alpha + B / D^beta in theta = (a, b, e, alpha, beta), a = log A, b = log B, e = log E."""

import argparse
import csv

import numpy as np
from scipy.optimize import minimize

DELTA = 1e-3
"""Of the Huber loss of log L."""

EXCLUDED = 5
"""Points of largest loss that Besiroglu et al. leave out."""


def read_points(path):
    """log N, log D and log L of the points, without those of largest loss. D = C / 6N."""
    with open(path) as file:
        rows = [(float(r["Model Size"]), float(r["Training FLOP"]), float(r["loss"])) for r in csv.DictReader(file)]
    rows.sort(key=lambda row: row[2])
    n, c, loss = np.array(rows[:-EXCLUDED]).T
    return np.log(n), np.log(c / (6 * n)), np.log(loss)


def terms(theta, n, d):
    a, b, e, alpha, beta = theta
    return np.stack([a - alpha * n, b - beta * d, np.full_like(n, e)])


def log_loss(theta, n, d):
    return np.logaddexp.reduce(terms(theta, n, d))


def objective(theta, n, d, l):
    """Sum of the Huber losses, and its gradient."""
    t = terms(theta, n, d)
    predicted = np.logaddexp.reduce(t)
    residual = predicted - l
    small = np.abs(residual) <= DELTA
    value = np.where(small, residual**2 / 2, DELTA * (np.abs(residual) - DELTA / 2)).sum()
    weight = np.clip(residual, -DELTA, DELTA) * np.exp(t - predicted)
    gradient = np.array([weight[0].sum(), weight[1].sum(), weight[2].sum(), -(weight[0] * n).sum(), -(weight[1] * d).sum()])
    # The loss is of the order of DELTA: scaled, so that the tolerances of the optimiser mean something.
    return value / DELTA, gradient / DELTA


def fit(start, n, d, l):
    return minimize(objective, start, args=(n, d, l), jac=True, method="L-BFGS-B", options={"maxiter": 5000, "ftol": 1e-12, "gtol": 1e-8})


def options(*names):
    """What the script is called with: --name VALUE of each; of a name with a star, any number of values."""
    parser = argparse.ArgumentParser()
    for name in names:
        parser.add_argument(f"--{name.rstrip('*')}", required=True, nargs="+" if name.endswith("*") else None)
    return parser.parse_args()
