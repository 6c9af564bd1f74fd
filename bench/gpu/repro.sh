#!/bin/sh
# The command line of the project on such a machine, without its language models: ./repro.sh run --params paper --set llm.models=[] ...
. "$(dirname "$0")/environment.sh"
exec "$here/node" "$here/project/repro" "$@"
