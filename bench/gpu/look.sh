#!/usr/bin/env bash
# A first look at a card, in at most eight minutes: OUT=folder ./look.sh [SECONDS_PER_PART]. Which driver works; doctor; whether trained
# models have the bytes that they must have; steps a second of each group against what is predicted; dense PyTorch once a
# group size, where there is one. Every part has its own limit; what it said is in $OUT.
set -u
limit=${1:-75}
out=${OUT:-$PWD/out}
mkdir -p "$out"
. "$(dirname "$0")/environment.sh"
exec > >(tee "$out/look.log") 2>&1
cd "$here" || exit 1

part() { printf '\n== %s (after %s s)\n' "$1" "$SECONDS"; }

part 'machine'
nproc
timeout 20 nvidia-smi --query-gpu=name,driver_version,clocks.sm,clocks.max.sm,memory.total --format=csv || echo 'no nvidia-smi'
ldd --version 2>/dev/null | head -n 1
ls -d /dev/nvidia* /dev/dri /usr/share/vulkan/icd.d/* /etc/vulkan/icd.d/* /usr/local/nvidia/share/vulkan/icd.d/* 2>/dev/null

part 'driver'
given=$([ -e "$here/driver" ] || echo "$VK_DRIVER_FILES")
# Prints fast, slow or failed: how the trainer's self-test went on webgpu, and on what.
judge='const { backends } = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
const { state = "failed", selfTest } = backends.find(({ stage, backend }) => stage === "train" && backend === "webgpu") ?? {};
console.log(selfTest?.passed ? state : "failed");'
found=
slow=
for driver in $(printf '%s\n' $given $(drivers) | awk '!seen[$0]++'); do
  VK_DRIVER_FILES=$driver VK_ICD_FILENAMES=$driver timeout "$limit" ./repro.sh doctor --json >"$out/doctor.json" 2>"$out/doctor.err"
  verdict=$(./node -e "$judge" "$out/doctor.json" 2>/dev/null || echo failed)
  echo "$driver: $verdict"
  case $verdict in
    fast) found=$driver; break ;;
    slow) slow=${slow:-$driver} ;;
  esac
done
found=${found:-$slow}
[ -n "$found" ] || { cat "$out/doctor.json" "$out/doctor.err"; echo 'no driver on which the self-test of the backend webgpu passed'; exit 1; }
echo "$found" >driver
export VK_DRIVER_FILES=$found VK_ICD_FILENAMES=$found
cat "$out/doctor.json"

status=0
part 'correctness'
timeout "$limit" ./run.sh --check | tee "$out/check.txt"
[ "${PIPESTATUS[0]}" = 0 ] || { echo 'correctness: failed, or not done in time'; status=1; }

part 'steps a second'
timeout $((2 * limit)) ./run.sh --seconds "$limit" --json | tee "$out/rates.jsonl"
[ "${PIPESTATUS[0]}" = 0 ] || { echo 'rates: failed, or not done in time'; status=1; }

part 'dense PyTorch, one model at a time'
if python3 -c 'import torch' 2>/dev/null; then
  for size in '1000 39 2048 200' '10240 256 2048 50'; do
    timeout "$limit" python3 project/bench/gpu/dense_toy_model_gpu.py $size || echo "$size: failed, or not done in time"
  done | tee "$out/torch.jsonl"
else
  echo 'no PyTorch'
fi
part "done: $out"
exit $status
