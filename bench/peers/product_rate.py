#!/usr/bin/env python3
"""Prints PyTorch's version, its linear algebra libraries, and how fast and how exact a product of matrices is on one thread."""
import json
import time

from single_thread import loaded_libraries, torch

SIZE = 1024

torch.manual_seed(1)
a, b = torch.randn(SIZE, SIZE), torch.randn(SIZE, SIZE)
exact = a.double() @ b.double()
best = float("inf")
for _ in range(8):
    begun = time.process_time()
    c = a @ b
    best = min(best, time.process_time() - begun)
deviation = ((c.double() - exact).norm() / exact.norm()).item()
print(json.dumps({"torch": torch.__version__, "libraries": loaded_libraries(), "gigaflops": 2e-9 * SIZE**3 / best, "deviation": deviation}))
