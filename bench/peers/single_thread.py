"""PyTorch on one thread: import `torch` from here, before anything else does."""
import os

# A BLAS with threads of its own heeds only these, and only when it is loaded.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import torch

torch.set_num_threads(1)


def loaded_libraries():
    """File names of the linear algebra libraries in this process, where the system tells."""
    try:
        with open("/proc/self/maps") as maps:
            paths = {line.split()[-1] for line in maps if "/" in line}
    except OSError:
        return []
    names = {path.rsplit("/", 1)[-1] for path in paths}
    return sorted(name for name in names if any(part in name for part in ("blas", "mkl_")))
