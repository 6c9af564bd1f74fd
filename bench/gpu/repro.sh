#!/bin/sh
# The command line of the project on such a machine: ./repro.sh run --params paper; what needs the hub ends as not run
. "$(dirname "$0")/environment.sh"
cd "$here/project" && exec "$here/node" repro "$@"
