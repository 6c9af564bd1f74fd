// The bits of rows of M as bits of its columns, and the number of entries that are not zero, for who looks at it. A thread
// a word: [ceil(n / 256), ceil(segments / 32), models] workgroups.

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let segments = plan[planBase(step.ring, id.z) + shape.header + 1u];
  let column = id.x;
  let model = models[id.z];
  if (column == 0u && id.y == 0u) {
    losses[(windowSteps() + step.window) * arrayLength(&models) + id.z] = f32(masks[id.z]);
  }
  if (column >= shape.n || 32u * id.y >= segments) {
    return;
  }
  let end = min(32u, segments - 32u * id.y);
  var bits = 0u;
  for (var i = 0u; i < end; i++) {
    let row = masks[rowMask(model.segmentBase + 32u * id.y + i) + (column >> 5u)];
    bits |= ((row >> (column & 31u)) & 1u) << i;
  }
  masks[columnMask(model, column) + id.y] = bits;
}
