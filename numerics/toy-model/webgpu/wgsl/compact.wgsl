// Numbers the active features (slots, in order of feature) and cuts the samples of each, in order, into segments of at
// most SEGMENT: a long list would keep one workgroup busy while the others wait. One workgroup a batch; [models, steps].

/** Slots, segments, entries. */
var<workgroup> sums: array<vec3u, 256>;
var<workgroup> squares: array<f32, 256>;
var<workgroup> silents: array<u32, 256>;

fn segmentsOf(uses: u32) -> u32 {
  return (uses + SEGMENT - 1u) / SEGMENT;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) t: u32) {
  let base = planBase(group.y, group.x);
  let model = models[group.x];
  let share = (N + 255u) / 256u;
  let begin = min(N, t * share);
  let end = min(N, begin + share);
  var own = vec3u(0u);
  for (var f = begin; f < end; f++) {
    let uses = plan[base + FEATURE_USES + f];
    own += vec3u(select(0u, 1u, uses > 0u), segmentsOf(uses), uses);
  }
  var square = 0f;
  var silent = 0u;
  for (var s = t; s < BATCH; s += 256u) {
    let count = plan[base + ENTRY_COUNT + s];
    silent += select(0u, 1u, count == 0u);
    for (var e = 0u; e < count; e++) {
      let value = bitcast<f32>(plan[base + ENTRY_VALUE + s * POINTS + e]);
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
  let fits = total.x <= model.rowCapacity && total.y <= model.segmentCapacity;
  if (t == 0u) {
    if (!fits) {
      status[group.x] = 1u;
    }
    plan[base + HEADER] = select(0u, total.x, fits);
    plan[base + HEADER + 1u] = select(0u, total.y, fits);
    plan[base + HEADER + 2u] = silents[0];
    plan[base + HEADER + 3u] = bitcast<u32>(squares[0]);
    if (fits) {
      plan[base + SLOT_SEGMENT + total.x] = total.y;
      plan[base + SEGMENT_BEGIN + total.y] = total.z;
    }
  }
  if (!fits) {
    return;
  }
  var at = sums[t] - own;
  for (var f = begin; f < end; f++) {
    let uses = plan[base + FEATURE_USES + f];
    plan[base + FEATURE_SLOT + f] = select(NONE, at.x, uses > 0u);
    if (uses == 0u) {
      continue;
    }
    plan[base + SLOT_FEATURE + at.x] = f;
    plan[base + SLOT_SEGMENT + at.x] = at.y;
    plan[base + FEATURE_BEGIN + f] = at.z;
    for (var taken = 0u; taken < uses; taken += SEGMENT) {
      plan[base + SEGMENT_SLOT + at.y] = at.x;
      plan[base + SEGMENT_BEGIN + at.y] = at.z + taken;
      at.y++;
    }
    at += vec3u(1u, 0u, uses);
  }
}
