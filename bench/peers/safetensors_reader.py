"""Tensors of a safetensors file: eight bytes of header length, a JSON header, then the data, little endian."""
import json
import struct

import numpy
import torch

# PyTorch has no unsigned 32-bit integers: they are widened.
READ_AS = {"F32": ("<f4", numpy.float32), "U32": ("<u4", numpy.int64)}


def read_safetensors(path):
    with open(path, "rb") as file:
        (header_length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(header_length))
        data = file.read()
    header.pop("__metadata__", None)
    tensors = {}
    for name, place in header.items():
        if place["dtype"] not in READ_AS:
            raise ValueError(f'{path}: tensor "{name}" is {place["dtype"]}: expected {" or ".join(READ_AS)}')
        stored, wanted = READ_AS[place["dtype"]]
        begin, end = place["data_offsets"]
        array = numpy.frombuffer(data[begin:end], dtype=stored).astype(wanted)
        tensors[name] = torch.from_numpy(array).reshape(place["shape"])
    return tensors
