// Numbers the active features (slots, in order of feature) and cuts the samples of each, in order, into segments of at
// most SEGMENT: a long list would keep one workgroup busy while the others wait. One workgroup a batch; [models, steps].

/** Slots, segments, entries. */
var<workgroup> sums: array<vec3u, 256>;
var<workgroup> squares: array<f32, 256>;
var<workgroup> silents: array<u32, 256>;

fn segmentsOf(uses: u32) -> u32 {
  return (uses + shape.segment - 1u) / shape.segment;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) t: u32) {
  let base = planBase(group.y, group.x);
  let model = models[group.x];
  let share = (shape.n + 255u) / 256u;
  let begin = min(shape.n, t * share);
  let end = min(shape.n, begin + share);
  var own = vec3u(0u);
  for (var f = begin; f < end; f++) {
    let uses = plan[base + shape.featureUses + f];
    own += vec3u(select(0u, 1u, uses > 0u), segmentsOf(uses), uses);
  }
  var square = 0f;
  var silent = 0u;
  for (var s = t; s < shape.batch; s += 256u) {
    let count = plan[base + shape.entryCount + s];
    silent += select(0u, 1u, count == 0u);
    for (var e = 0u; e < count; e++) {
      let value = bitcast<f32>(plan[base + shape.entryValue + s * shape.points + e]);
      square += value * value;
    }
  }
  sums[t] = own;
  squares[t] = square;
  silents[t] = silent;
  workgroupBarrier();
  for (var reach = 1u; reach < 256u; reach *= 2u) {
    var before = vec3u(0u);
    if (t >= reach) {
      before = sums[t - reach];
    }
    workgroupBarrier();
    sums[t] += before;
    workgroupBarrier();
  }
  for (var half = 128u; half > 0u; half /= 2u) {
    if (t < half) {
      squares[t] += squares[t + half];
      silents[t] += silents[t + half];
    }
    workgroupBarrier();
  }
  let total = sums[255];
  let fits = total.x <= model.rowCapacity && total.y <= model.segmentCapacity && total.z <= model.visitCapacity;
  if (t == 0u) {
    if (!fits) {
      status[group.x] = 1u;
    }
    plan[base + shape.header] = select(0u, total.x, fits);
    plan[base + shape.header + 1u] = select(0u, total.y, fits);
    plan[base + shape.header + 2u] = silents[0];
    plan[base + shape.header + 3u] = bitcast<u32>(squares[0]);
    if (fits) {
      plan[base + shape.slotSegment + total.x] = total.y;
      plan[base + shape.segmentBegin + total.y] = total.z;
    }
  }
  if (!fits) {
    return;
  }
  var at = sums[t] - own;
  for (var f = begin; f < end; f++) {
    let uses = plan[base + shape.featureUses + f];
    plan[base + shape.featureSlot + f] = select(NONE, at.x, uses > 0u);
    if (uses == 0u) {
      continue;
    }
    plan[base + shape.slotFeature + at.x] = f;
    plan[base + shape.slotSegment + at.x] = at.y;
    plan[base + shape.featureBegin + f] = at.z;
    for (var taken = 0u; taken < uses; taken += shape.segment) {
      plan[base + shape.segmentSlot + at.y] = at.x;
      plan[base + shape.segmentBegin + at.y] = at.z + taken;
      at.y++;
    }
    at += vec3u(1u, 0u, uses);
  }
}
