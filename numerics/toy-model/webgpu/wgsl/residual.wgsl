// From G = W_U W^T to M = X_U^T r, with r = ReLU(z) - x where z > 0 and z = b + sum of x_i G_i (Sec. 2, factored). A row of
// M is a segment: the sum over its samples of the value of its feature times r, always in the same order. A sample with
// several active features is computed in the row of each, which costs less than to write r and read it again. Its bias
// gradient and loss are counted in the row of the first; the loss of samples without any, whose output is ReLU(b), in the
// first row. The row of G of the segment's own feature is read once for all its samples. Which entries of M are not zero is
// noted as bits. [segments / 4, ceil(n4 / 64), models] workgroups of 64 column quads x 4 rows: those at work at one time
// share columns of G.

var<workgroup> biasSums: array<vec4f, 256>;
var<workgroup> lossSums: array<f32, 256>;
var<workgroup> nonzero: array<u32, 256>;

/** A sample as it is added up. */
struct Sample {
  z: vec4f,
  x: vec4f,
  /** The value of the segment's own feature. */
  own: f32,
}

@compute @workgroup_size(64, 4)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u, @builtin(local_invocation_index) t: u32) {
  let base = planBase(step.ring, group.z);
  let segments = plan[base + shape.header + 1u];
  if (group.x > 0u && group.x * 4u >= segments) {
    return;
  }
  let model = models[group.z];
  let column = group.y * 64u + local.x;
  let row = group.x * 4u + local.y;
  var sum = vec4f(0);
  var biasSum = vec4f(0);
  var loss = 0f;
  if (column < shape.n4) {
    let bias = state[group.z * shape.state + shape.stateB + column];
    if (row < segments) {
      let slot = plan[base + shape.segmentSlot + row];
      let ownRow = G[(model.rowBase + slot) * shape.n4 + column];
      var slots = vec4u(NONE);
      for (var c = 0u; c < 4u; c++) {
        if (4u * column + c < shape.n) {
          slots[c] = plan[base + shape.featureSlot + 4u * column + c];
        }
      }
      let list = visitBase(step.ring, group.z);
      let end = list + plan[base + shape.segmentBegin + row + 1u];
      let begin = list + plan[base + shape.segmentBegin + row];
      var next0 = visits[2u * begin];
      var next1 = visits[2u * begin + 1u];
      for (var at = begin; at < end; at++) {
        let first = next0;
        let rest = next1;
        // the next one is on its way while this one is computed
        let ahead = min(at + 1u, end - 1u);
        next0 = visits[2u * ahead];
        next1 = visits[2u * ahead + 1u];
        let count = first.y;
        var sample = Sample(bias, vec4f(0), 0f);
        let G0 = model.rowBase * shape.n4 + column;
        sample = plus(sample, first.z, first.w, slot, slots, ownRow, G0);
        if (count > 1u) {
          sample = plus(sample, rest.x, rest.y, slot, slots, ownRow, G0);
        }
        if (count > 2u) {
          sample = plus(sample, rest.z, rest.w, slot, slots, ownRow, G0);
        }
        let entries = base + first.x * shape.points;
        for (var e = 3u; e < count; e++) {
          sample = plus(sample, plan[entries + shape.entrySlot + e], plan[entries + shape.entryValue + e], slot, slots, ownRow, G0);
        }
        let z = sample.z;
        // a NaN stays one, so that a training that diverged shows it
        let r = select(z - sample.x, vec4f(0), z <= vec4f(0));
        sum += sample.own * r;
        if (first.z == slot) {
          biasSum += r;
          loss += dot(select(z, vec4f(0), z <= vec4f(0)), r - sample.x);
        }
      }
      M[(model.segmentBase + row) * shape.n4 + column] = sum;
    }
    if (row == 0u) {
      let silent = f32(plan[base + shape.header + 2u]);
      let y = max(bias, vec4f(0));
      loss += silent * dot(y, y);
    }
  }
  biasSums[t] = biasSum;
  lossSums[t] = loss;
  nonzero[t] = dot(vec4u(1u, 2u, 4u, 8u), select(vec4u(1u), vec4u(0u), sum == vec4f(0)));
  workgroupBarrier();
  let task = model.segmentBase / 4u + group.x;
  if (local.y == 0u && column < shape.n4) {
    parts[task * shape.n4 + column] = biasSums[t] + biasSums[t + 64u] + biasSums[t + 128u] + biasSums[t + 192u];
  }
  if (shape.sparseRatio > 0u && t < 32u) {
    // 8 quads a word
    let rowOfWord = group.x * 4u + t / 8u;
    let word = group.y * 8u + t % 8u;
    if (rowOfWord < segments && word < shape.rowWords) {
      var bits = 0u;
      for (var i = 0u; i < 8u; i++) {
        bits |= nonzero[8u * t + i] << (4u * i);
      }
      atomicStore(&masks[rowMask(model.segmentBase + rowOfWord) + word], bits);
      // whole numbers: no order of these changes what they come to
      atomicAdd(&masks[group.z], countOneBits(bits));
    }
  }
  for (var half = 128u; half > 0u; half /= 2u) {
    if (t < half) {
      lossSums[t] += lossSums[t + half];
    }
    workgroupBarrier();
  }
  if (t == 0u) {
    parts[lossPart(task) + group.y] = vec4f(lossSums[0], 0f, 0f, 0f);
  }
}

/** The sample with one more active feature: `slot`, with a value. `G0`: where this column of the model's first row of G is. */
fn plus(before: Sample, slot: u32, bits: u32, ownSlot: u32, slots: vec4u, ownRow: vec4f, G0: u32) -> Sample {
  let value = bitcast<f32>(bits);
  var g = ownRow;
  if (slot != ownSlot) {
    g = G[G0 + slot * shape.n4];
  }
  return Sample(
    before.z + value * g,
    select(before.x, vec4f(value), vec4u(slot) == slots),
    select(before.own, value, slot == ownSlot));
}
