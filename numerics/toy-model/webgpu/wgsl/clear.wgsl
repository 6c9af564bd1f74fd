// Forgets the batch that a plan last held, so that the marks which `draw` sets are zero again. Workgroups as for `draw`.

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let s = id.x;
  if (s >= BATCH) {
    return;
  }
  let base = planBase(id.z, id.y);
  for (var e = 0u; e < atomicLoad(&plan[base + ENTRY_COUNT + s]); e++) {
    let feature = atomicLoad(&plan[base + ENTRY_FEATURE + s * POINTS + e]);
    atomicStore(&plan[base + FEATURE_USES + feature], 0u);
    atomicStore(&plan[base + FEATURE_MASK + feature * MASK_WORDS + (s >> 5u)], 0u);
  }
}
