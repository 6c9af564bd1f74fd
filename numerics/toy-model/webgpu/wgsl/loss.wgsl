// The training loss of a step, summed over features, a mean over the batch. One workgroup a model.

var<workgroup> sums: array<f32, 256>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) t: u32) {
  let model = models[group.x];
  let base = planBase(step.ring, group.x);
  let parts = (plan[base + HEADER + 1u] + 3u) / 4u * COLUMN_TILES;
  let silent = f32(plan[base + HEADER + 2u]);
  var sum = 0f;
  for (var part = t; part < parts; part += 256u) {
    sum += lossParts[model.segmentBase / 4u * COLUMN_TILES + part];
  }
  for (var tile = t; tile < COLUMN_TILES; tile += 256u) {
    sum += silent * silentParts[group.x * COLUMN_TILES + tile];
  }
  sums[t] = sum;
  workgroupBarrier();
  for (var half = 128u; half > 0u; half /= 2u) {
    if (t < half) {
      sums[t] += sums[t + half];
    }
    workgroupBarrier();
  }
  if (t == 0u) {
    losses[step.window * arrayLength(&models) + group.x] = (sums[0] + bitcast<f32>(plan[base + HEADER + 3u])) / f32(BATCH);
  }
}
