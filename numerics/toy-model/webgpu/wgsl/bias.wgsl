// Gradient of b: the parts by task, and the all-zero samples, whose output is ReLU(b); then Adam, without decay.
// [ceil(N4 / 64), models] workgroups of 64 column quads x 4 shares of the tasks.

var<workgroup> sums: array<vec4f, 256>;
var<workgroup> silentLosses: array<f32, 64>;

@compute @workgroup_size(64, 4)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u, @builtin(local_invocation_index) t: u32) {
  let model = models[group.y];
  let base = planBase(step.ring, group.y);
  let tasks = (plan[base + HEADER + 1u] + 3u) / 4u;
  let silent = f32(plan[base + HEADER + 2u]);
  let column = group.x * 64u + local.x;
  var sum = vec4f(0);
  if (column < N4) {
    for (var task = local.y; task < tasks; task += 4u) {
      sum += biasParts[(model.segmentBase / 4u + task) * N4 + column];
    }
  }
  sums[t] = sum;
  workgroupBarrier();
  if (local.y == 0u) {
    var silentLoss = 0f;
    if (column < N4) {
      let at = group.y * STATE + STATE_B + column;
      let b = state[at];
      let y = max(b, vec4f(0));
      silentLoss = dot(y, y);
      let gradient = model.gradientScale * (sums[t] + sums[t + 64u] + (sums[t + 128u] + sums[t + 192u]) + silent * y);
      let first = model.beta1 * state[at + N4] + model.rest1 * gradient;
      let second = model.beta2 * state[at + 2u * N4] + model.rest2 * (gradient * gradient);
      state[at + N4] = first;
      state[at + 2u * N4] = second;
      let rate = rates[step.window * arrayLength(&models) + group.y];
      state[at] = b - rate.z * (first / (sqrt(second) * rate.w + model.epsilon));
    }
    silentLosses[local.x] = silentLoss;
  }
  workgroupBarrier();
  for (var half = 32u; half > 0u; half /= 2u) {
    if (t < half) {
      silentLosses[t] += silentLosses[t + half];
    }
    workgroupBarrier();
  }
  if (t == 0u) {
    silentParts[group.y * COLUMN_TILES + group.x] = silentLosses[0];
  }
}
