// Lists, by feature, the samples that have it, in order: the place of a sample is the number of marked ones before it.
// Tells each entry its slot. Workgroups as for `draw`.

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let s = id.x;
  let base = planBase(id.z, id.y);
  if (s >= BATCH || plan[base + HEADER] == 0u) {
    return;
  }
  let count = plan[base + ENTRY_COUNT + s];
  for (var e = 0u; e < count; e++) {
    let feature = plan[base + ENTRY_FEATURE + s * POINTS + e];
    let mask = base + FEATURE_MASK + feature * MASK_WORDS;
    let word = s >> 5u;
    var place = countOneBits(plan[mask + word] & ((1u << (s & 31u)) - 1u));
    for (var w = 0u; w < word; w++) {
      place += countOneBits(plan[mask + w]);
    }
    plan[base + SORTED_SAMPLE + plan[base + FEATURE_BEGIN + feature] + place] = s;
    plan[base + ENTRY_SLOT + s * POINTS + e] = plan[base + FEATURE_SLOT + feature];
  }
}
