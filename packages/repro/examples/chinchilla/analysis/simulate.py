"""Points from the fit of Besiroglu et al., with noise, on models and budgets as in the original paper."""

import csv

import numpy as np

from law import options

E, A, B, ALPHA, BETA = 1.82, 482.0, 2085.0, 0.348, 0.366

random = np.random.default_rng(2024)
with open(options("points").points, "w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(["Model Size", "Training FLOP", "loss"])
    for _ in range(245):
        n, flop = 10 ** random.uniform(7.6, 10.2), 10 ** random.uniform(18.8, 22)
        loss = E + A / n**ALPHA + B / (flop / (6 * n)) ** BETA
        # Most points are as exact as a figure shows them; a few are far off.
        loss *= np.exp(0.006 * random.standard_t(3))
        writer.writerow([f"{n:.6e}", f"{flop:.6e}", f"{loss:.6f}"])
