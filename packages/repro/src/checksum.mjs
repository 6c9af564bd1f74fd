// @ts-check

/**
 * Tells one text from another where nobody means to deceive, in 8 hexadecimal digits for each lane: loading `node:crypto` for a
 * digest takes 5 ms, a tenth of what a run that has nothing to do takes beyond an empty Node.
 * @param {string} text @param {number} [lanes] 32 bits each @returns {string}
 */
export function checksum(text, lanes = 2) {
  const bytes = Buffer.from(text);
  const padded = new Uint8Array((bytes.length + 3) & ~3);
  padded.set(bytes);
  const words = new Int32Array(padded.buffer);
  let digits = '';
  for (let lane = 1; lane <= lanes; lane++) digits += laneOf(words, bytes.length, lane).toString(16).padStart(8, '0');
  return digits;
}

/** Every step is a bijection of the state, so that one word that differs is always seen. @param {Int32Array} words @param {number} length @param {number} lane */
function laneOf(words, length, lane) {
  let state = 0x243f6a88 ^ length ^ Math.imul(lane, 0x9e3779b1);
  for (let i = 0; i < words.length; i++) {
    state = Math.imul(state ^ /** @type {number} */ (words[i]), 0x85ebca6b);
    state ^= state >>> 15;
  }
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  return (state ^ (state >>> 16)) >>> 0;
}
