// @ts-check
/**
 * `node bench/checks/large-losses.mjs MODELS.csv PUBLISHED.csv`: the losses of the large models that a run published
 * (`reports/<set>/models.csv`) beside those read off the authors' Fig. 1 (columns distribution, regime, m, loss,
 * std_from_errbar), which are not the project's.
 */
import { readFileSync } from 'node:fs';

const [ours, theirs] = process.argv.slice(2);
if (!ours || !theirs) {
  console.error('usage: node bench/checks/large-losses.mjs MODELS.csv PUBLISHED.csv');
  process.exit(2);
}

/** @param {string} path @returns {Record<string, string>[]} */
function table(path) {
  const [head, ...rows] = readFileSync(path, 'utf8')
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(','));
  return rows.map((row) => Object.fromEntries(/** @type {string[]} */ (head).map((name, i) => [name, row[i] ?? ''])));
}

/** @param {string | undefined} name */
const kind = (name) => (name ?? '').replace(/[ _]/g, '-').replace(/^power$/, 'power-law');
const published = new Map(
  table(theirs).map((row) => [`${kind(row['distribution'])} ${row['regime']} ${row['m']}`, row]),
);

/** @typedef {{ m: number, loss: number, published: number }} Pair */
/** @type {Map<string, Pair[]>} */
const groups = new Map();
console.log('frequencies   regime      m   ours ± over batches    published ± theirs    ratio   ± of ours / theirs');
for (const model of table(ours)) {
  if (model['experiment'] !== 'large' || model['projection'] !== 'none' || model['replicate'] !== '0') continue;
  const regime = Number(model['gamma']) < 0 ? 'strong' : 'weak';
  const other = published.get(`${model['frequencies']} ${regime} ${model['m']}`);
  if (!other) continue;
  const [loss, spread] = [Number(model['loss']), Number(model['lossStandardDeviation'])];
  const [reference, theirSpread] = [Number(other['loss']), Number(other['std_from_errbar'])];
  const group = `${model['frequencies']} ${regime}`;
  const pairs = groups.get(group) ?? [];
  groups.set(group, [...pairs, { m: Number(model['m']), loss, published: reference }]);
  console.log(
    `${String(model['frequencies']).padEnd(13)} ${regime.padEnd(6)} ${String(model['m']).padStart(5)}   ${loss.toFixed(5)} ± ${spread.toFixed(5)}      ` +
      `${reference.toFixed(5)} ± ${theirSpread.toFixed(5)}    ${(loss / reference).toFixed(3)}   ${(spread / theirSpread).toFixed(2)}`,
  );
}

/** @param {{ x: number, y: number }[]} points */
function slope(points) {
  const [mx, my] = [
    points.reduce((sum, { x }) => sum + x, 0) / points.length,
    points.reduce((sum, { y }) => sum + y, 0) / points.length,
  ];
  return (
    points.reduce((sum, { x, y }) => sum + (x - mx) * (y - my), 0) /
    points.reduce((sum, { x }) => sum + (x - mx) ** 2, 0)
  );
}

console.log('\nlog-log slope over the m at hand: ours, published; geometric mean of the ratios');
for (const [group, pairs] of groups) {
  if (pairs.length < 2) continue;
  const [mine, other] = [
    slope(pairs.map(({ m, loss }) => ({ x: Math.log(m), y: Math.log(loss) }))),
    slope(pairs.map((pair) => ({ x: Math.log(pair.m), y: Math.log(pair.published) }))),
  ];
  const ratio = Math.exp(pairs.reduce((sum, pair) => sum + Math.log(pair.loss / pair.published), 0) / pairs.length);
  console.log(
    `${group.padEnd(20)} m = ${pairs.map(({ m }) => m).join(', ')}: ${mine.toFixed(3)}, ${other.toFixed(3)}; ${ratio.toFixed(3)}`,
  );
}
