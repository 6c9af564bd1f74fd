// AdamW on W with the decoupled decay or growth of Eq. 2 and, if asked for, rows projected to unit norm. LANES threads
// share a row: [ceil(N LANES / 256), models] workgroups.

var<workgroup> sums: array<f32, 256>;

/** The sum over the lanes of a row, in one order. */
fn sumOfLanes(t: u32, lane: u32, value: f32) -> f32 {
  workgroupBarrier();
  sums[t] = value;
  workgroupBarrier();
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    if (lane < half) {
      sums[t] += sums[t + half];
    }
    workgroupBarrier();
  }
  return sums[t - lane];
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) t: u32) {
  let model = models[group.y];
  let base = planBase(step.ring, group.y);
  let rate = rates[step.window * arrayLength(&models) + group.y];
  let lane = t % LANES;
  let row = group.x * (256u / LANES) + t / LANES;
  let inside = row < N;
  let W = group.y * STATE + row * M4;
  var square = 0f;
  if (inside) {
    for (var q = lane; q < M4; q += LANES) {
      square += dot(state[W + q], state[W + q]);
    }
  }
  let norm = sqrt(sumOfLanes(t, lane, square));
  let factor = 1f - select(rate.y, rate.y * (1f / (norm + model.epsilon) - 1f), model.growth != 0u);
  square = 0f;
  if (inside) {
    var begin = 0u;
    var end = 0u;
    let slot = plan[base + FEATURE_SLOT + row];
    if (slot != NONE) {
      begin = model.segmentBase + plan[base + SLOT_SEGMENT + slot];
      end = model.segmentBase + plan[base + SLOT_SEGMENT + slot + 1u];
    }
    for (var q = lane; q < M4; q += LANES) {
      var gradient = gradients[(group.y * N + row) * M4 + q];
      for (var part = begin * SPLITS; part < end * SPLITS; part++) {
        gradient += H[part * M4 + q];
      }
      gradient *= model.gradientScale;
      let first = model.beta1 * state[W + STATE_FIRST + q] + model.rest1 * gradient;
      let second = model.beta2 * state[W + STATE_SECOND + q] + model.rest2 * (gradient * gradient);
      state[W + STATE_FIRST + q] = first;
      state[W + STATE_SECOND + q] = second;
      let w = factor * state[W + q] - rate.x * (first / (sqrt(second) * rate.w + model.epsilon));
      state[W + q] = w;
      square += dot(w, w);
    }
  }
  let size = sqrt(sumOfLanes(t, lane, square));
  if (inside && model.project != 0u && size > 0f) {
    for (var q = lane; q < M4; q += LANES) {
      state[W + q] *= 1f / size;
    }
  }
}
