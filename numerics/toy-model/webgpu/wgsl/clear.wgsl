// Forgets the batch that a plan last held, so that the marks which `draw` sets are zero again. Workgroups as for `draw`.

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let s = id.x;
  if (s >= shape.batch) {
    return;
  }
  let base = planBase(id.z, id.y);
  for (var e = 0u; e < atomicLoad(&plan[base + shape.entryCount + s]); e++) {
    let feature = atomicLoad(&plan[base + shape.entryFeature + s * shape.points + e]);
    atomicStore(&plan[base + shape.featureUses + feature], 0u);
    atomicStore(&plan[base + shape.featureMask + feature * shape.maskWords + (s >> 5u)], 0u);
  }
}
