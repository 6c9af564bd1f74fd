"""simulate.py SEED NOISE OUTPUT: the losses of one seed, as a table in Parquet."""

import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from model import SIZES, losses

seed, noise, output = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
table = pa.table({"seed": np.full(len(SIZES), seed), "n": SIZES, "loss": losses(seed, noise)})
print("@progress 0.9")
pq.write_table(table, output)
