#!/usr/bin/env bash
# Two parts of a tiny set, each run and exported by itself, joined in a third store: it trains nothing, and the lock is that
# of one run. A minute on an idle core. bench/parts/run.sh [FOLDER]
set -euo pipefail
cd "$(dirname "$0")/../.."
work=${1:-$(mktemp -d)}
mkdir -p "$work"
set=bench/parts/tiny.json
repro() { ./repro "$1" "${@:3}" --params "$set" --store "$work/$2" --reports "$work/reports-$2"; }

repro run whole >"$work/whole.log"
repro run first --part zero-bias-rows >"$work/first.log"
repro run second --part small --part unit-rows-and-breakdown >"$work/second.log"
for one in first second; do repro export "$one" "$work/$one.tar.gz" --without train; done
for one in first second; do ./repro import "$work/$one.tar.gz" --store "$work/joined"; done
repro run joined --log json >"$work/joined.log"

if grep '"node-started"' "$work/joined.log" | grep -q '"train\['; then
  echo "a model was trained again: see $work/joined.log"
  exit 1
fi
cmp "$work/reports-whole/tiny/lock.json" "$work/reports-joined/tiny/lock.json"
echo "two parts, joined: nothing was trained again, and the lock is that of one run"
