#!/bin/sh
# The benchmark on a machine with a driver and nothing else: ./run.sh [--check] [--part all|small|large|tiny] [--seconds S] ...
. "$(dirname "$0")/environment.sh"
exec "$here/node" "$here/project/train.mjs" "$@"
