"""The model: loss = n ** -0.5, with relative noise."""

import numpy as np

SIZES = 2 ** np.arange(4, 13)


def losses(seed: int, noise: float) -> np.ndarray:
    random = np.random.default_rng(seed)
    return SIZES**-0.5 * np.exp(noise * random.standard_normal(len(SIZES)))
