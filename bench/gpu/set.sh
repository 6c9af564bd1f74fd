#!/usr/bin/env bash
# One parameter set on a card, from an empty store: OUT=folder ./set.sh [SET] [SECONDS] [STAGE]. SET: a name in project/params or
# a file (default: the small sweep of the paper); SECONDS: when it is interrupted (default 480): what was finished by then is
# exported, and the same call goes on from there. STAGE: the last one (default measure-geometry). Leaves in $OUT the log,
# results without weights as an archive for `repro import`, and, where the run ended, its report.
set -u
set_of=${1:-bench/gpu/small-sweep.json}
seconds=${2:-480}
until=${3:-measure-geometry}
out=${OUT:-$PWD/out}
mkdir -p "$out"
out=$(cd "$out" && pwd)
. "$(dirname "$0")/environment.sh"
backend=${BACKEND:-auto}
name=$(basename "$set_of" .json)
began=$SECONDS
timeout --signal INT --kill-after 30 "$seconds" "$here/repro.sh" run --params "$set_of" --until "$until" --backend "$backend" \
  --keep-going --log plain >"$out/run.log" 2>&1
status=$?
echo "run: exit $status after $((SECONDS - began)) s"
tail -n 12 "$out/run.log"
# Weights are what is large: fits need only what was measured of them.
timeout 90 "$here/repro.sh" export "$out/$name.tar.gz" --params "$set_of" --backend "$backend" --without train >"$out/export.log" 2>&1 || status=1
tail -n 3 "$out/export.log"
[ ! -d "$here/project/reports/$name" ] || tar -C "$here/project/reports" -cJf "$out/report-$name.tar.xz" "$name"
ls -l "$out"
exit $status
