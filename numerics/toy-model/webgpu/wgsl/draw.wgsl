// Draws the samples of a batch by the scheme of numerics/random/streams.ts: exactly what numerics/random/sampler.ts
// draws. One thread a sample; [ceil(BATCH / 256), models, steps] workgroups.

fn multiplyHigh(a: u32, b: u32) -> u32 {
  let aHigh = a >> 16u;
  let aLow = a & 0xffffu;
  let bHigh = b >> 16u;
  let bLow = b & 0xffffu;
  let middle = aHigh * bLow + ((aLow * bLow) >> 16u);
  let middle2 = aLow * bHigh + (middle & 0xffffu);
  return aHigh * bHigh + (middle >> 16u) + (middle2 >> 16u);
}

/** Philox4x32-10. */
fn philox(counter: vec4u, key: vec2u) -> vec4u {
  var c = counter;
  var k = key;
  for (var round = 0u; round < 10u; round++) {
    let high0 = multiplyHigh(0xd2511f53u, c.x);
    let low0 = 0xd2511f53u * c.x;
    let high1 = multiplyHigh(0xcd9e8d57u, c.z);
    let low1 = 0xcd9e8d57u * c.z;
    c = vec4u(high1 ^ c.y ^ k.x, low1, high0 ^ c.w ^ k.y, low0);
    k += vec2u(0x9e3779b9u, 0xbb67ae85u);
  }
  return c;
}

/** The first i >= least with word <= tables[at + i]. */
fn search(at: u32, word: u32, least: u32) -> u32 {
  var i = least;
  while (word > tables[at + i]) {
    i++;
  }
  return i;
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let s = id.x;
  if (s >= shape.batch) {
    return;
  }
  let model = models[id.y];
  let base = planBase(id.z, id.y);
  let number = step.number + id.z;
  let key = vec2u(model.k0, model.k1);
  var block = philox(vec4u(0u, s, number, TRAINING_TAG), key);
  let points = model.alwaysActive + model.firstCount + search(model.countLast, block.x, 0u);
  let own = base + shape.entryFeature + s * shape.points;
  var count = 0u;
  for (var j = 0u; j < points; j++) {
    // words 1 and 2, or 3 and the first of the next block
    var position = block.y;
    var bits = block.z;
    if ((j & 1u) == 1u) {
      position = block.w;
      block = philox(vec4u((j + 1u) >> 1u, s, number, TRAINING_TAG), key);
      bits = block.x;
    }
    var feature = j;
    if (j >= model.alwaysActive) {
      let least = tables[model.hazardGuide + (position >> model.guideShift)];
      feature = model.alwaysActive + search(model.hazardLast, position, least);
    }
    var known = false;
    for (var e = 0u; e < count; e++) {
      known = known || atomicLoad(&plan[own + e]) == feature;
    }
    if (known) {
      continue;
    }
    atomicStore(&plan[own + count], feature);
    atomicStore(&plan[base + shape.entryValue + s * shape.points + count], bitcast<u32>(f32(bits >> 8u) * 1.1920928955078125e-7));
    // whole numbers: no order of these changes what they come to
    atomicAdd(&plan[base + shape.featureUses + feature], 1u);
    atomicOr(&plan[base + shape.featureMask + feature * shape.maskWords + (s >> 5u)], 1u << (s & 31u));
    count++;
  }
  atomicStore(&plan[base + shape.entryCount + s], count);
}
