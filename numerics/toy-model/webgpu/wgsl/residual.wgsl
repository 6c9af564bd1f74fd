// From G = W_U W^T to M = X_U^T r, with r = ReLU(z) - x where z > 0 and z = b + sum of x_i G_i (Sec. 2, factored). A row of
// M is a segment: the sum over its samples of the value of its feature times r, always in the same order. A sample with
// several active features is computed in the row of each, which costs less than to write r and read it again. Its bias
// gradient and loss are counted in the row of the first. [ceil(N4 / 64), segments / 4, models] workgroups of 64 column
// quads x 4 rows.

var<workgroup> biasSums: array<vec4f, 256>;
var<workgroup> losses: array<f32, 256>;

@compute @workgroup_size(64, 4)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u, @builtin(local_invocation_index) t: u32) {
  let base = planBase(step.ring, group.z);
  let segments = plan[base + HEADER + 1u];
  if (group.y * 4u >= segments) {
    return;
  }
  let model = models[group.z];
  let column = group.x * 64u + local.x;
  let row = group.y * 4u + local.y;
  let inside = row < segments && column < N4;
  let ids = 4u * column + vec4u(0u, 1u, 2u, 3u);
  var sum = vec4f(0);
  var biasSum = vec4f(0);
  var loss = 0f;
  if (inside) {
    let slot = plan[base + SEGMENT_SLOT + row];
    let feature = plan[base + SLOT_FEATURE + slot];
    let bias = state[group.z * STATE + STATE_B + column];
    let end = plan[base + SEGMENT_BEGIN + row + 1u];
    for (var at = plan[base + SEGMENT_BEGIN + row]; at < end; at++) {
      let s = plan[base + SORTED_SAMPLE + at];
      let count = plan[base + ENTRY_COUNT + s];
      let entries = s * POINTS;
      var z = bias;
      var x = vec4f(0);
      var own = 0f;
      for (var e = 0u; e < count; e++) {
        let other = plan[base + ENTRY_FEATURE + entries + e];
        let value = bitcast<f32>(plan[base + ENTRY_VALUE + entries + e]);
        z += value * G[(model.rowBase + plan[base + ENTRY_SLOT + entries + e]) * N4 + column];
        x = select(x, vec4f(value), vec4u(other) == ids);
        own = select(own, value, other == feature);
      }
      // a NaN stays one, so that a training that diverged shows it
      let r = select(z - x, vec4f(0), z <= vec4f(0));
      sum += own * r;
      if (plan[base + ENTRY_FEATURE + entries] == feature) {
        biasSum += r;
        loss += dot(select(z, vec4f(0), z <= vec4f(0)), r - x);
      }
    }
    M[(model.segmentBase + row) * N4 + column] = sum;
  }
  biasSums[t] = biasSum;
  losses[t] = loss;
  workgroupBarrier();
  let task = model.segmentBase / 4u + group.y;
  if (local.y == 0u && column < N4) {
    biasParts[task * N4 + column] = biasSums[t] + biasSums[t + 64u] + biasSums[t + 128u] + biasSums[t + 192u];
  }
  for (var half = 128u; half > 0u; half /= 2u) {
    if (t < half) {
      losses[t] += losses[t + half];
    }
    workgroupBarrier();
  }
  if (t == 0u) {
    lossParts[task * COLUMN_TILES + group.x] = losses[0];
  }
}
