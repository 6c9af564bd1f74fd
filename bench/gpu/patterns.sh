#!/usr/bin/env bash
# Models of a set by pattern, in this order: OUT=folder ./patterns.sh SET SECONDS 'large,*gamma=-1,*m=1024*' ... The card trains
# one pattern after another; the processor measures each while the card trains the next. After SECONDS the training is
# interrupted (the same call goes on from its checkpoint), and what was measured is exported without weights to $OUT.
set -u
[ $# -ge 3 ] || { echo 'usage: patterns.sh SET SECONDS PATTERN...' >&2; exit 2; }
set_of=$1
seconds=$2
shift 2
out=${OUT:-$PWD/out}
mkdir -p "$out"
out=$(cd "$out" && pwd)
. "$(dirname "$0")/environment.sh"
backend=${BACKEND:-webgpu}
began=$SECONDS
say() { echo "[$((SECONDS - began)) s] $*"; }
# on the processor, of models that the card has trained; none is trained there
measure=(--backend wasm --accept-backend webgpu --leave-out train --keep-going --log plain)
number=0
status=0
jobs=()
for pattern in "$@"; do
  left=$((seconds - (SECONDS - began)))
  [ "$left" -gt 0 ] || { say "$pattern: no time left"; continue; }
  number=$((number + 1))
  timeout --signal INT --kill-after 30 "$left" "$here/repro.sh" run --params "$set_of" --backend "$backend" \
    --keep-going --log plain "train[$pattern]" >"$out/train-$number.log" 2>&1
  code=$?
  say "$pattern: training ended, exit $code"
  [ "$code" -eq 0 ] || { status=1; tail -n 3 "$out/train-$number.log"; }
  {
    "$here/repro.sh" run --params "$set_of" "${measure[@]}" "measure-geometry[$pattern]" >"$out/measure-$number.log" 2>&1
    code=$?
    say "$pattern: measuring ended, exit $code"
    exit $code
  } &
  jobs+=($!)
done
for job in ${jobs[@]+"${jobs[@]}"}; do wait "$job" || status=1; done
timeout 90 "$here/repro.sh" export "$out/$(basename "$set_of" .json).tar.gz" --params "$set_of" --backend wasm \
  --accept-backend webgpu --without train >"$out/export.log" 2>&1 || { tail -n 3 "$out/export.log"; exit 1; }
tail -n 3 "$out/export.log"
exit $status
