#!/usr/bin/env bash
# The example chinchilla (simulated points) in DVC, in Snakemake and in repro: user CPU of a run with nothing to do, in turn.
#   python3 -m venv /tmp/peers && /tmp/peers/bin/pip install dvc snakemake numpy==2.2.6 scipy==1.15.3
#   bench/peers/chinchilla/run.sh /tmp/peers
# Measured on two busy cores, user CPU with nothing to do: dvc 3.7 2.7 to 3.2 s, snakemake 9.27 3.2 to 3.5 s, repro 0.10 to 0.11 s.
# repro's part needs the example's folder of `node packages/repro/examples/run.mjs chinchilla --keep` as second argument.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
peers=$1
example=$2
place=$(mktemp -d)
export PATH="$peers/bin:$PATH" OPENBLAS_NUM_THREADS=1
for tool in dvc snakemake; do
  mkdir "$place/$tool"
  cp -r "$here"/{claims.py,figure.py,params.yaml} "$here/../../../packages/repro/examples/chinchilla/analysis" "$place/$tool"
done
cp "$here/dvc.yaml" "$place/dvc"
cp "$here/Snakefile" "$place/snakemake"
(cd "$place/dvc" && git init -q . && dvc init -q && dvc repro -q)
(cd "$place/snakemake" && snakemake -c2 -q)
(cd "$example" && npx repro run --params simulated >/dev/null)
TIMEFORMAT='user %U s, wall %R s'
for round in 1 2 3 4 5; do
  cd "$place/dvc" && { printf 'dvc        '; time dvc repro -q >/dev/null 2>&1; }
  cd "$place/snakemake" && { printf 'snakemake  '; time snakemake -c2 -q >/dev/null 2>&1; }
  cd "$example" && { printf 'repro      '; time node node_modules/repro/bin/repro.mjs run --params simulated >/dev/null; }
done
wc -l "$here"/{dvc.yaml,Snakefile,claims.py,figure.py,params.yaml} "$example/pipeline.ts"
rm -rf "$place"
