import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { judgeClaims } from 'repro/claims';
import type { Claim, ClaimResult, PartResult, Verdict } from 'repro/claims';
import type { PublishedPointsContent } from '../../../stages/published/points.ts';
import { renderReport } from '../../../stages/report/markdown.ts';
import { centralSentences, firstPicture } from '../../../stages/report/sections/first-screen.ts';
import { withZeroBiases } from '../../../stages/report/claims/zero-biases.ts';
import { fitSweep } from '../../../stages/toy/fit-exponents/fit.ts';
import { leftOut, listCells } from '../../../stages/report/claims/quantities/sources.ts';
import { vocabulary } from '../../../stages/report/claims/vocabulary.ts';
import { claims, idealSources } from './ideal-sweeps.ts';
import type { Mutation } from './ideal-sweeps.ts';

const root = process.env['REPRO_TEST_ROOT'] ?? process.cwd();
const points = JSON.parse(readFileSync(join(root, 'params/published/points.json'), 'utf8')) as PublishedPointsContent;

const caption = (figure: string, section: string) => ({
  figure,
  title: `Title ${figure}`,
  section,
  caption: `What ${figure} shows.`,
});

function judge(mutation?: Mutation): ClaimResult[] {
  const sources = idealSources(mutation);
  return judgeClaims(claims, vocabulary, { ...sources, sweeps: sources.sweeps.slice(0, 1) });
}

/** Judged once: nothing here changes it. */
const ideal = judge();
const judged = (mutation?: Mutation): ClaimResult[] => (mutation ? judge(mutation) : ideal);

function render(change: Partial<Parameters<typeof renderReport>[0]> = {}): string {
  return renderReport({
    set: 'ideal',
    title: 'A reproduction',
    description: 'n = 256.',
    claims,
    results: judged(),
    decides: ['strong-near-one', 'weak-slow'],
    captions: [
      caption('99', 'A section of its own'),
      caption('3a', 'Weight decay tunes superposition'),
      caption('1b', 'Loss against model dimension'),
    ],
    variants: [],
    beyond: [],
    observed: [],
    sweeps: [],
    points,
    multiverse: { worlds: 0, verdicts: {}, movedBy: {} },
    power: undefined,
    ...change,
  });
}

/** All that the first screen says of the central claim, in one line. */
const central = (...args: Parameters<typeof centralSentences>): string => centralSentences(...args).join(' ');

test('the first sentence says with its numbers whether the central claim holds, and follows the data', () => {
  const { sweeps } = idealSources();
  assert.match(
    central(judged(), sweeps),
    /^Under strong superposition \(γ ≤ −1\/3\) and for data exponents α ≤ 1\.375 the loss falls about as 1\/m: the exponent αₘ in L ∝ m\^−αₘ is 1\.00, and within 0\.35 of 1 in 100% of 24 cells \(n = 256, m = 10 to 27, γ = −1\.00, −0\.778, −0\.556, −0\.333, α = 0 to 1\.25; one seed a cell\)\. As a mean over γ, αₘ is 1\.00 at α = 0 and 1\.00 at α = 1\.25\. For α ≥ 1\.75 αₘ is larger than for α ≤ 1 by 0\.750 ± 0\.094 between cells\.$/,
  );
  const steep = judged((model) => ({ loss: model.m ** -2 }));
  assert.match(central(steep, []), /the loss does not fall as 1\/m: the exponent αₘ in L ∝ m\^−αₘ is 2\.00/);
  const started = fitSweep(
    'small-zero-bias',
    [],
    sweeps[0]!.models.map((model) => ({ ...model, loss: model.m ** -2 })),
  );
  assert.match(
    central(judged(), [...sweeps, started]),
    /On the 24 curves that were also trained with all biases zero at the start, αₘ is 2\.00 instead of 1\.00, and at the largest m the random biases of the paper make the loss 21\.6 times as high\.$/,
  );
  const partly = { ...started, models: started.models.filter(({ alpha, m }) => alpha === 1 || m < 18) };
  assert.match(
    central(judged(), [...sweeps, partly]),
    /On the 4 curves that were also trained .* at the largest m the random biases of the paper make the loss 21\.6 times as high\.$/,
    'a curve that has begun with its smallest m says nothing of the largest',
  );
  assert.match(central([], []), /trains too few models to say/);
  // Three seeds in the cells of one gamma, of means 1.01, 1.02 and 1.03.
  const replicated = sweeps.map((sweep) => ({
    ...sweep,
    exponents: sweep.exponents.map((fit) => {
      const exponents = [1.01, 1.02, 1.03];
      return fit.gamma === -1
        ? {
            ...fit,
            exponent: 1.04 + fit.alpha! / 10,
            replicates: { count: 3, standardError: 0.006, exponents, m: fit.m },
          }
        : fit;
    }),
  })) as unknown as typeof sweeps;
  assert.match(
    central(judged(), replicated),
    / The mean of the 6 cells with 3 seeds at every m \(γ = −1\.00\) is 1\.02, with a 95% interval from 0\.993 to 1\.05 between seeds\. As a mean over γ, αₘ is 1\.01 at α = 0 and 1\.04 at α = 1\.25\. /,
  );
});

test('the first screen counts verdicts and has a mark a claim that leads to its row', () => {
  const text = render();
  const [first] = text.split('## What does not hold') as [string];
  assert.match(first, /^# A reproduction\n\n.*arXiv:2505\.10465/);
  assert.match(first, /36 claims: \d+ reproduced, 0 not reproduced, \d+ inconclusive, \d+ not run\./);
  assert.equal(first.match(/<a href="#claim-/g)!.length, 36);
  for (const { id } of claims) assert.ok(text.includes(`<a id="claim-${id}"></a>`), id);
});

test('claims are listed by theme, verdict first, with cells used of the paper’s', () => {
  const text = render();
  assert.match(
    text,
    /\| <a id="claim-strong-near-one"><\/a>✓ reproduced \|.*\| a\) 1\.00.*<br>b\) 100% \| a\) 24\/48<br>b\) 24\/48 \|/,
  );
  assert.match(text, /<a id="claim-exponent-rule"><\/a>✓ reproduced ° \|/);
  assert.doesNotMatch(text, /†/);
  const near = judged().map((result) => ({
    ...result,
    parts: result.parts.map((part) => (part.id === 'b' ? { ...part, nearLimit: true as const } : part)),
  }));
  assert.match(
    render({ results: near }),
    /\| a\) 1\.00<br>b\) 100% † \|[^]*\n† The stated error of this value reaches/,
  );
  assert.match(
    text,
    /Of the paper’s own claims: \d+ reproduced.*Of those that commentators make of it: \d+ reproduced/,
  );
  assert.match(text, /\(Fig\. 3, 11, 13; `decay-tunes-superposition`\)/);
});

test('every row of a table has as many cells as its head: bars inside a cell are escaped', () => {
  let columns = 0;
  for (const line of render().split('\n')) {
    const cells = line.startsWith('|') ? line.split(/(?<!\\)\|/).length : 0;
    if (cells && columns) assert.equal(cells, columns, line);
    columns = cells;
  }
});

test('sections of figures come in the paper’s order, each figure with its image and caption, others last', () => {
  const text = render();
  const order = ['1b', '3a', '99'].map((figure) =>
    text.indexOf(`](figures/${figure}.svg)\n\n**Figure ${figure}. Title ${figure}.** What ${figure} shows.`),
  );
  assert.ok(order[0]! > 0 && order[0]! < order[1]! && order[1]! < order[2]!, String(order));
});

test('what does not hold is told first, with its reason, its numbers and the authors’ own points', () => {
  const results = judged((model) => (model.gamma > 0 ? { loss: model.m ** -0.9 } : {}));
  const acknowledged = { ideal: { verdict: 'not-reproduced' as const, low: 0.8, high: 1, reason: 'Too few steps.' } };
  const known: Claim[] = claims.map((claim) =>
    claim.id === 'weak-slow' ? { ...claim, parts: [{ ...claim.parts[0]!, acknowledged }] } : claim,
  );
  const published = {
    verdict: 'reproduced' as const,
    parts: [
      {
        ...{ id: 'a', verdict: 'reproduced' as const, measured: 0.172, measuredText: '0.172' },
        ...{ cells: { used: 45, planned: 45, design: 45 }, detail: '' },
      },
    ],
  };
  const withTheirs = results.map((result) =>
    result.id === 'weak-slow' ? { ...result, alternatives: { published } } : result,
  );
  assert.match(
    render({ results: withTheirs, decides: ['strong-near-one'] }),
    /## What does not hold\n\nEvery claim that this set decides is reproduced\.\n\nAlso not reproduced here, of claims that this set is too small or too noisy to decide .*\n\n- \[`weak-slow`\]\(#claim-weak-slow\): expected mean αₘ ≤ 0\.5 .*, measured 0\.90.*; the authors’ own points: reproduced\n/,
  );
  const text = render({ results: withTheirs, claims: known });
  assert.match(
    text,
    /## What does not hold, and why\n\n✗ \[`weak-slow`\]\(#claim-weak-slow\): not reproduced\..* \*expected mean αₘ ≤ 0\.5 .*, measured 0\.90.* over 25 cells\.\* The authors’ own points: 0\.172, reproduced by the same rule\. Too few steps\./,
  );
  assert.match(render({ results: withTheirs }), /No reason is known yet\./);
  const [broken, open] = ['not-reproduced', 'inconclusive'] as const;
  const begun = judged().map((result) =>
    result.id === 'strong-near-one'
      ? {
          ...result,
          verdict: broken,
          parts: result.parts.map((part) =>
            part.id === 'a'
              ? { ...part, verdict: broken }
              : { ...part, verdict: open, unfinished: { planned: 48, absent: 40 } },
          ),
        }
      : result,
  );
  assert.match(
    render({ results: begun }),
    /No reason is known yet\. \*b\) .* over 24 cells, not finished: 8 of 48\.\*\n/,
  );
  // What was not run has no reason to be found: its detail says why.
  const lost = results.map((result) =>
    result.id === 'weak-slow'
      ? {
          ...result,
          verdict: 'not-run' as const,
          parts: [{ ...result.parts[0]!, verdict: 'not-run' as const, measuredText: '', detail: 'Not there.' }],
        }
      : result,
  );
  assert.match(render({ results: lost }), /`weak-slow`\].*: not run\..* \*Not there\.\*\n/);
  const undecided = render({ results: withTheirs, claims: known, decides: ['strong-near-one'] });
  assert.match(
    undecided,
    /`weak-slow`\]\(#claim-weak-slow\): not reproduced \(\[not decided\]\(#what-this-set-can-decide\)/,
  );
  assert.match(text, /\| Authors’ own points \|/);
  assert.match(text, /\| ✓ 0\.172 \(45\) \|/);
  assert.match(render(), /Every claim that this set decides is reproduced\./);
});

test('text of claims.json is shown as text', () => {
  const hostile = judged().map((result) => ({ ...result, sentence: '<script>\u001b[31m' }));
  assert.doesNotMatch(render({ results: hostile }), /<script>|\u001b/);
});

test('text and scripts are compared below the list of their differences, if the set compares them', () => {
  const variants = [
    {
      difference: 'final-loss',
      rows: [
        { gamma: -1, m: [8], text: { losses: [0.5], exponent: null }, scripts: { losses: [0.25], exponent: null } },
      ],
    },
  ];
  const [, section] = render({ variants }).split("## Where the paper's text and its authors' scripts differ") as [
    string,
    string,
  ];
  assert.match(
    section.split('## ')[0]!,
    /- .*lossScale.*\n[^]*\| Difference \|[^]*\| −1 \| 0\.500 \| 0\.250 \| 0\.500 \|/,
  );
  assert.doesNotMatch(render(), /\| Difference \|/);
});

test('what the figures show beyond the claims has a section of its own, only where there is something', () => {
  assert.doesNotMatch(render(), /What the published figures show besides/);
  const finding = { finding: 'It rises', where: 'Fig. 7a', published: '1 to 2', here: '2 to 1', holds: false };
  assert.match(
    render({ beyond: [finding] }),
    /## What the published figures show besides\n[^]*\| It rises \| Fig\. 7a \| 1 to 2 \| 2 to 1 \| \*\*no\*\* \|/,
  );
});

test('the log of changed rules has what claims.json keeps: before, now, reason, verdict before', () => {
  const [, log] = render().split('## Rules changed after results were seen') as [string, string];
  assert.match(
    log,
    /\| `insensitivity` \| The ratio of two single losses .* \| 95% interval of ratio of mean final losses in \[0\.9, 1\.1\] in every cell \(at least 5 seeds\) \| In the report of `quick` at commit 10dca93 two single trainings .* \| quick: not reproduced \|/,
  );
  const logged = claims.filter(({ changes }) => changes).map(({ id }) => id);
  assert.deepEqual(logged.sort(), [
    'breakdown',
    'insensitivity',
    'loss-decomposition',
    'preferred-when-uniform',
    'small-negative-bias',
  ]);
  for (const id of logged) assert.ok(log.includes(`\`${id}\``), id);
  // The largest deviation that passes, in units of the uncertainty e, is 2 sqrt(s^2 + e^2) at the largest s that is judged.
  const [before, now] = [2, 1].map((s) => (2 * Math.sqrt(s * s + 1)).toFixed(1));
  const agree = claims.filter(({ parts }) => parts.some(({ rule }) => rule === 'agree')).map(({ id }) => `\`${id}\``);
  assert.ok(
    log.includes(`| ${agree.join(', ')} | x agrees with e if \\|x − e\\| ≤ 2 √(s² + sₑ²); inconclusive if s > 2 sₑ. |`),
  );
  assert.ok(log.includes(`passed deviations of up to ${before} sₑ, now of up to ${now} sₑ`));
});

test('models from zero biases are set against the paper’s, cell by cell, and the verdicts that change are told', () => {
  assert.doesNotMatch(render(), /What rests on the initial biases/);
  const [small] = idealSources().sweeps;
  const sectionOf = (highestGamma: number): string => {
    const started = small!.models.filter(({ gamma }) => gamma <= highestGamma);
    const losses = started.map((model) => ({
      ...model,
      loss: model.m ** -2,
      outputLoss: { ...model.outputLoss, dead: 0, live: model.m ** -2 },
    }));
    const sweeps = [small!, fitSweep('small-zero-bias', [], losses)];
    const sources = { ...idealSources(), sweeps };
    const results = judgeClaims(claims, vocabulary, sources, { 'zero-biases': { sources: withZeroBiases(sources)! } });
    const [figure, title] = ['zero-bias-loss', 'Loss and exponents'];
    const captions = [{ figure, title, section: 'Beyond the paper', caption: 'Lower.' }];
    return render({ results, sweeps, captions }).split('## What rests on the initial biases')[1]!;
  };
  // The claim's link, followed by both verdicts.
  assert.doesNotMatch(
    sectionOf(-1),
    /`strong-near-one`\]\(#claim-strong-near-one\) . →/,
    'too few cells for a verdict are no other verdict',
  );
  const section = sectionOf(-0.3);
  assert.match(
    section,
    /Under strong superposition \(small models, n = 256; γ = .*?\) the loss at the largest m is \d.*? times as high with the paper’s random biases as with zero ones; output units that are dead make 40% of the loss with the former, 0% with the latter/,
  );
  assert.match(
    section,
    /\| small, γ = −1\.00, α = 1 \| 10 12 15 18 22 27 \| 1 \| 0\.0100 .* 0\.00137 \| 0\.0800 .* 0\.0296 \| 21\.6 \| 2\.00.* \| 1\.00.* \|/,
  );
  assert.match(section, /\| small, γ = −1\.00, α = 1 \| 10 18 27 \| .* \| 0 0 0 \/ 0\.400 0\.400 0\.400 \|/);
  assert.match(
    section.split('## Figures')[0]!,
    /!\[Loss and exponents\]\(figures\/zero-bias-loss\.svg\)\n\nWith their captions: \[Loss and exponents\]\(#figure-zero-bias-loss\)\./,
  );
  assert.match(section, /have another verdict with zero biases: .*`strong-near-one`\]\S* ✓ → ✗/);
});

test('how units die is told beside the zero biases with the counts of the stage, and leads to its figure', () => {
  const [small] = idealSources().sweeps;
  const sweeps = [small!, fitSweep('small-zero-bias', [], small!.models)];
  const captions = [caption('first-steps', 'Beyond the paper')];
  const sectionOf = (silentAtEnd: number): string => {
    const firstSteps = {
      ...{ n: 64, m: 8, alpha: 1, gamma: -0.5, batch: 4, steps: 300, probes: 2048, step: [0, 300], units: [] },
      silent: { normal: [2, silentAtEnd], zero: [0, 1] },
    };
    const text = render({ sweeps, captions, firstSteps });
    assert.match(text, /<a id="figure-first-steps">/);
    return /## What rests on the initial biases[^]*?(?=\n## )/.exec(text)![0];
  };
  assert.match(
    sectionOf(9),
    /\[How a unit dies\]\(#figure-first-steps\) is .*none of 2048 held-out samples gets, on these, no gradient from its own error\. With the paper’s random biases such units are 2 of 64 before and 9 after training, with zero biases 0 of 64 before and 1 after\./,
  );
  assert.match(sectionOf(7), /and 7 after training.*\n\n!\[Title first-steps\]\(figures\/first-steps\.svg\)/);
});

test('claims whose verdict hangs on a choice are listed with the choice, the others counted', () => {
  const results = judged().slice(0, 5);
  const all = { reproduced: 0, 'not-reproduced': 0, inconclusive: 0, 'not-run': 0 };
  const ids = results.map(({ id }) => id);
  const verdicts = Object.fromEntries(results.map(({ id, verdict }) => [id, { ...all, [verdict]: 18 }]));
  verdicts['strong-near-one'] = { ...all, reproduced: 12, 'not-reproduced': 6 };
  const movedBy = { ...Object.fromEntries(ids.map((id) => [id, []])), 'strong-near-one': ['constants × 0.5'] };
  const text = render({ results, multiverse: { worlds: 18, verdicts, movedBy } });
  const [, section] = text.split('## How much rests on choices') as [string, string];
  assert.match(section, /judged in 18 worlds.* 1 of 2 claims have one verdict in all worlds/);
  assert.match(section, /\| ✓ \[`strong-near-one`\]\(#claim-strong-near-one\) \| 12 \| 6 \| 0 \| constants × 0\.5 \|/);
  const withWorlds = results.map((result) => ({ ...result, worlds: verdicts[result.id]! }));
  const withShares = render({ results: withWorlds });
  assert.match(withShares, /<a id="claim-strong-near-one">.*\| ✓ 67% ✗ 33% \|/);
  assert.match(withShares, /\*\*Under strong [^*]*\*\*\n\n.* the verdict is the same in 67% of 18 combinations\. /);
  const moved = render({ results: withWorlds, multiverse: { worlds: 18, verdicts, movedBy } });
  assert.match(moved, / in 67% of 18 combinations; changed alone, these turn it: constants × 0\.5\. /);
});

test('a set says of each claim whether it can decide it, or why not', () => {
  const part = { noise: 0.02, scale: null, reason: '' };
  const power = {
    'strong-near-one': {
      ...{ decides: true, reason: '', holds: 0.97, fails: 0, repeats: 0.9 },
      parts: [
        { ...part, id: 'a', holds: 0.98, fails: 0, repeats: 1 },
        { ...part, id: 'b', holds: 0.99, fails: 0.01, repeats: 0.9 },
      ],
    },
    'weak-slow': {
      ...{ decides: false, reason: 'too few cells', holds: 0, fails: 0, repeats: null },
      parts: [{ ...part, id: 'a', holds: null, fails: null, repeats: null }],
    },
  };
  const sectionOf = (decides: string[]): string =>
    render({ decides, power: { seeds: 7, claims: power } }).split('## What this set can decide')[1]!;
  const section = sectionOf(['strong-near-one']);
  assert.match(
    section,
    /\| `strong-near-one` \| 1\.00 \/ 0\.600<br>0\.950 \/ 0\.600 \| 0\.98<br>0\.99 \| 0\.00<br>0\.01 \| 1\.00<br>0\.90 \| yes \|/,
  );
  assert.match(section, /\| `weak-slow` \|.*\| – \| – \| – \| no: too few cells \|/);
  const judgedToo = sectionOf(['strong-near-one', 'weak-slow']);
  assert.match(judgedToo, /\| `weak-slow` \|.*\| by its rule alone: too few cells \|/);
  assert.match(judgedToo, /1 claim that this set judges could not be simulated, .*: `weak-slow`\. /);
  assert.doesNotMatch(section, /could not be simulated/);
  const whole = (decides: string[]): string => render({ decides, power: { seeds: 7, claims: power } });
  assert.match(
    whole(['weak-slow']),
    /<a id="claim-weak-slow"><\/a>✓ reproduced ‡ \|[^]*\n\n‡ Judged by its rule alone/,
  );
  assert.doesNotMatch(whole(['strong-near-one']), /‡/);
  // 1 - 0.97 of the one claim that is decided.
  assert.match(
    section,
    /Over all 1 claims that are decided, with 2 parts: were all of them true, 0\.0300 would .*, 0 would .* Another master seed is expected to give 0\.900 of the verdicts again\./,
  );
  assert.match(render(), /have not been simulated at the scale of this set/);
});

test('the first screen shows a figure that was drawn, and rather one whose claim is judged', () => {
  const figures = [
    { figure: '1d', caption: 'Not drawn: there is no model.' },
    { figure: '6e', caption: 'Exponents.' },
    { figure: '4b', caption: 'A map.' },
  ];
  assert.equal(firstPicture(figures, []), '4b');
  assert.equal(firstPicture(figures.slice(0, 1), []), undefined);
  const large = figures.map((each) => ({ ...each, caption: 'Drawn.' }));
  const results = (verdict: Verdict) =>
    [
      { id: 'large-strong-exponents', verdict },
      { id: 'strong-near-one', verdict: 'inconclusive' },
    ] as const;
  assert.equal(firstPicture(large, results('not-run')), '4b');
  assert.equal(firstPicture(large, results('not-reproduced')), '1d');
  assert.equal(firstPicture(large, []), '1d');
});

test('one cell is told in the singular, and an error by what it is between', () => {
  const undefinedCell = listCells(
    [Number.NaN],
    0,
    (value) => value,
    () => 1,
    '',
  );
  assert.equal(undefinedCell.detail, 'Not defined in 1 of 1 cell.');
  assert.equal(
    listCells(
      [0, 1],
      2,
      (value) => (value ? leftOut : value),
      () => 1,
      '',
    ).detail,
    '1 cell is left out by a condition of the rule.',
  );
  const withContrast = (change: Partial<PartResult>): ClaimResult[] =>
    judged().map((result) =>
      result.id === 'strong-skewed-steeper'
        ? { ...result, parts: result.parts.map((part) => (part.id === 'b' ? { ...part, ...change } : part)) }
        : result,
    );
  const { sweeps } = idealSources();
  assert.match(central(withContrast({ errorFrom: 'seeds' }), sweeps), / by 0\.750 ± 0\.094 between seeds\.$/);
  assert.match(central(withContrast({ errorFrom: 'fit' }), sweeps), / by 0\.750 ± 0\.094\.$/);
  const alone = judged().map((result) =>
    result.id === 'weak-slow'
      ? {
          ...result,
          verdict: 'not-reproduced' as const,
          parts: result.parts.map((part) => ({
            ...{ ...part, verdict: 'not-reproduced' as const, cells: { used: 1, planned: 1, design: 45 } },
          })),
        }
      : result,
  );
  assert.match(render({ results: alone }), /, measured 0\.200.* over 1 cell\.\*/);
});
