#!/bin/sh
# The benchmark on a machine with a driver and nothing else: ./run.sh [--part all|small|large|tiny] [--steps N] [--share K] ...
. "$(dirname "$0")/environment.sh"
exec "$here/node" "$here/project/train.mjs" "$@"
