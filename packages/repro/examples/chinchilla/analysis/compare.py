"""
Parameters with their standard errors, and how likely the numbers of two papers are.

p is that of the chi-squared of the difference in (a, b, e, alpha, beta) under the covariance of the bootstrap.
"""

import json

import numpy as np
from scipy.stats import chi2

from law import options

PAPERS = {"original": (1.69, 406.4, 410.7, 0.34, 0.28), "replication": (1.8172, 482.01, 2085.43, 0.3478, 0.3658)}

given = options("best", "draws*", "fit")
with open(given.best) as file:
    best = np.array(json.load(file))
draws = np.concatenate([np.loadtxt(path, delimiter=",", skiprows=1) for path in given.draws])
covariance = np.cov(draws.T)
errors = np.sqrt(np.diag(covariance))
parameters = {}
for i, name in enumerate(["A", "B", "E"]):
    value = np.exp(best[i])
    parameters[name] = {"value": round(value, 6), "error": round(value * errors[i], 6)}
for i, name in enumerate(["alpha", "beta"], start=3):
    parameters[name] = {"value": round(best[i], 6), "error": round(errors[i], 6)}
p = {}
for name, (e, a, b, alpha, beta) in PAPERS.items():
    difference = np.array([np.log(a), np.log(b), np.log(e), alpha, beta]) - best
    p[name] = float(f"{chi2.sf(difference @ np.linalg.solve(covariance, difference), 5):.6g}")
with open(given.fit, "w") as file:
    json.dump({"parameters": parameters, "p": p}, file)
