// Lists, by feature, the samples that have it, in order: the place of a sample is the number of marked ones before it.
// What a visit needs of its sample is copied there, so that who reads the list in order looks nothing up. Workgroups as
// for `draw`.

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let s = id.x;
  let base = planBase(id.z, id.y);
  if (s >= shape.batch || plan[base + shape.header] == 0u) {
    return;
  }
  let list = visitBase(id.z, id.y);
  let count = plan[base + shape.entryCount + s];
  let own = s * shape.points;
  var visit = array<vec4u, 2>(vec4u(s, count, NONE, 0u), vec4u(NONE, 0u, NONE, 0u));
  for (var e = 0u; e < count; e++) {
    let slot = plan[base + shape.featureSlot + plan[base + shape.entryFeature + own + e]];
    let value = plan[base + shape.entryValue + own + e];
    plan[base + shape.entrySlot + own + e] = slot;
    if (e == 0u) {
      visit[0].z = slot;
      visit[0].w = value;
    } else if (e == 1u) {
      visit[1].x = slot;
      visit[1].y = value;
    } else if (e == 2u) {
      visit[1].z = slot;
      visit[1].w = value;
    }
  }
  for (var e = 0u; e < count; e++) {
    let feature = plan[base + shape.entryFeature + own + e];
    let mask = base + shape.featureMask + feature * shape.maskWords;
    let word = s >> 5u;
    var place = countOneBits(plan[mask + word] & ((1u << (s & 31u)) - 1u));
    for (var w = 0u; w < word; w++) {
      place += countOneBits(plan[mask + w]);
    }
    let at = 2u * (list + plan[base + shape.featureBegin + feature] + place);
    visits[at] = visit[0];
    visits[at + 1u] = visit[1];
  }
}
