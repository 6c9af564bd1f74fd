"""fit.py CURVE OUTPUT: the exponent of the losses, by least squares in logarithms, and its standard error."""

import json
import sys

import numpy as np
import pyarrow.parquet as pq

curve = pq.read_table(sys.argv[1])
x, y = np.log(curve["n"].to_numpy()), np.log(curve["loss"].to_numpy())
(slope, _), covariance = np.polyfit(x, y, 1, cov=True)
fit = {"exponent": round(-slope, 9), "error": round(float(np.sqrt(covariance[0, 0])), 9)}
with open(sys.argv[2], "w") as file:
    json.dump(fit, file)
