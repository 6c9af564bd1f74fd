// The end of a step, in one launch, since none of its three parts needs another: [weightGroups + columnTiles + 1, models]
// workgroups. AdamW on W with the decoupled decay or growth of Eq. 2 and, if asked for, rows projected to unit norm, `lanes`
// threads a row; Adam on b, without decay, 64 column quads x 4 shares of the parts of its gradient; the training loss,
// summed over features, a mean over the batch.

var<workgroup> sums: array<f32, 256>;
var<workgroup> biasSums: array<vec4f, 256>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) t: u32) {
  if (group.x < shape.weightGroups) {
    updateWeights(group, t);
  } else if (group.x < shape.weightGroups + shape.columnTiles) {
    updateBias(group.x - shape.weightGroups, group.y, t);
  } else {
    sumLoss(group.y, t);
  }
}

fn rateOf(model: u32) -> vec4f {
  return rates[step.rates * shape.schedules + models[model].schedule];
}

/** Parts of the bias gradient and of the loss: one a workgroup of `residual` and tile of columns. */
fn tasksOf(model: u32) -> u32 {
  return max(1u, (plan[planBase(step.ring, model) + shape.header + 1u] + 3u) / 4u);
}

/** The sum over the lanes of a row, in one order, which zeros of more lanes do not change. */
fn sumOfLanes(t: u32, lane: u32, value: f32) -> f32 {
  workgroupBarrier();
  sums[t] = value;
  workgroupBarrier();
  for (var half = shape.lanes / 2u; half > 0u; half /= 2u) {
    if (lane < half) {
      sums[t] += sums[t + half];
    }
    workgroupBarrier();
  }
  return sums[t - lane];
}

fn updateWeights(group: vec3u, t: u32) {
  let model = models[group.y];
  let base = planBase(step.ring, group.y);
  let rate = rateOf(group.y);
  let lane = t % shape.lanes;
  let row = group.x * (256u / shape.lanes) + t / shape.lanes;
  let inside = row < shape.n;
  let W = group.y * shape.state + row * shape.m4;
  var square = 0f;
  if (inside) {
    for (var q = lane; q < shape.m4; q += shape.lanes) {
      square += dot(state[W + q], state[W + q]);
    }
  }
  let norm = sqrt(sumOfLanes(t, lane, square));
  let factor = 1f - select(rate.y, rate.y * (1f / (norm + model.epsilon) - 1f), model.growth != 0u);
  square = 0f;
  if (inside) {
    var begin = 0u;
    var end = 0u;
    let slot = plan[base + shape.featureSlot + row];
    if (slot != NONE) {
      begin = model.segmentBase + plan[base + shape.slotSegment + slot];
      end = model.segmentBase + plan[base + shape.slotSegment + slot + 1u];
    }
    for (var q = lane; q < shape.m4; q += shape.lanes) {
      var gradient = gradients[(group.y * shape.n + row) * shape.m4 + q];
      for (var part = begin * shape.splits; part < end * shape.splits; part++) {
        gradient += H[part * shape.m4 + q];
      }
      gradient *= model.gradientScale;
      let first = model.beta1 * state[W + shape.stateFirst + q] + model.rest1 * gradient;
      let second = model.beta2 * state[W + shape.stateSecond + q] + model.rest2 * (gradient * gradient);
      state[W + shape.stateFirst + q] = first;
      state[W + shape.stateSecond + q] = second;
      let w = factor * state[W + q] - rate.x * (first / (sqrt(second) * rate.w + model.epsilon));
      state[W + q] = w;
      square += dot(w, w);
    }
  }
  let size = sqrt(sumOfLanes(t, lane, square));
  if (inside && model.project != 0u && size > 0f) {
    for (var q = lane; q < shape.m4; q += shape.lanes) {
      state[W + q] *= 1f / size;
    }
  }
}

fn updateBias(tile: u32, at: u32, t: u32) {
  let model = models[at];
  let column = tile * 64u + t % 64u;
  let tasks = tasksOf(at);
  var sum = vec4f(0);
  if (column < shape.n4) {
    for (var task = t / 64u; task < tasks; task += 4u) {
      sum += parts[(model.segmentBase / 4u + task) * shape.n4 + column];
    }
  }
  biasSums[t] = sum;
  workgroupBarrier();
  if (t < 64u && column < shape.n4) {
    let b = at * shape.state + shape.stateB + column;
    let rate = rateOf(at);
    // all-zero samples, whose output is ReLU(b)
    let silent = f32(plan[planBase(step.ring, at) + shape.header + 2u]) * max(state[b], vec4f(0));
    let gradient = model.gradientScale * (biasSums[t] + biasSums[t + 64u] + (biasSums[t + 128u] + biasSums[t + 192u]) + silent);
    let first = model.beta1 * state[b + shape.n4] + model.rest1 * gradient;
    let second = model.beta2 * state[b + 2u * shape.n4] + model.rest2 * (gradient * gradient);
    state[b + shape.n4] = first;
    state[b + 2u * shape.n4] = second;
    state[b] -= rate.z * (first / (sqrt(second) * rate.w + model.epsilon));
  }
}

fn sumLoss(at: u32, t: u32) {
  let task = models[at].segmentBase / 4u;
  let count = tasksOf(at) * shape.columnTiles;
  var sum = 0f;
  for (var part = t; part < count; part += 256u) {
    sum += parts[lossPart(task) + part].x;
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
    let own = plan[planBase(step.ring, at) + shape.header + 3u];
    losses[step.window * arrayLength(&models) + at] = (sums[0] + bitcast<f32>(own)) / f32(shape.batch);
  }
}
