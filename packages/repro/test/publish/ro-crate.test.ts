import assert from 'node:assert/strict';
import { test } from 'node:test';
import { definePipeline } from '../../src/index.ts';
import type { Dataset } from '../../src/pipeline.ts';
import type { Lock } from '../../src/publish/lock.ts';
import { roCrate } from '../../src/publish/ro-crate.ts';
import type { SealedProvenance } from '../../src/publish/sealed.ts';

const dataset: Dataset = {
  title: 'Dice',
  description: 'Throws of a die.',
  license: 'https://spdx.org/licenses/MIT',
  basedOn: 'https://arxiv.org/abs/2505.10465',
  authors: [{ name: 'Ada Lovelace', url: 'https://orcid.org/0000-0002-1825-0097' }, { name: 'Émilie du Châtelet' }],
};

test('authors answer for the data and for the run, each a person', () => {
  const facts = {
    ...{ set: 'quick', finishedAt: '2026-11-27T22:56:50.622Z', commit: 'abc' },
    nodes: { executed: 2, cached: 1, notRun: 0 },
  } as SealedProvenance;
  const lock = { nodes: {}, published: {} } as unknown as Lock;
  const { '@graph': graph } = roCrate(dataset, facts, lock, [], '1.0.0');
  const entity = (id: string) => graph.find((one) => one['@id'] === id);
  const people = [{ '@id': 'https://orcid.org/0000-0002-1825-0097' }, { '@id': '#author-2' }];
  assert.deepEqual(entity('./')!['author'], people);
  assert.deepEqual(entity('#run')!['agent'], people);
  assert.deepEqual(entity('#author-2'), { '@id': '#author-2', '@type': 'Person', name: 'Émilie du Châtelet' });
  // As the profile asks for them: a time with its zone in digits, and a status as text.
  assert.equal(entity('#run')!['endTime'], '2026-11-27T22:56:50.622+00:00');
  assert.equal(entity('#run')!['actionStatus'], 'http://schema.org/CompletedActionStatus');
  const [ada] = dataset.authors!;
  assert.deepEqual(roCrate({ ...dataset, authors: [ada!] }, facts, lock, [], '1')['@graph'][1]!['author'], people[0]);
  const { authors: _, ...nobody } = dataset;
  assert.ok(!('author' in roCrate(nobody, facts, lock, [], '1.0.0')['@graph'][1]!));
});

test('what is said of the data set is checked', () => {
  const refusal = (changed: object): string => {
    try {
      definePipeline({ name: 'p', dataset: { ...dataset, ...changed }, build: () => ({ files: {} }) });
    } catch (error) {
      return (error as Error).message;
    }
    return 'none';
  };
  assert.equal(refusal({}), 'none');
  assert.equal(
    refusal({ license: 'MIT' }),
    'dataset: license = "MIT": expected its URL, such as "https://spdx.org/licenses/MIT"',
  );
  assert.equal(refusal({ title: '' }), 'dataset: title = "": expected text that is not empty');
  assert.match(refusal({ basedOn: 'arXiv 2505.10465' }), /^dataset: basedOn = .*: expected a URL that begins with/);
  assert.match(refusal({ author: 'Ada' }), /"author" is no member of it \(did you mean "authors"\?\)/);
  assert.match(refusal({ authors: ['Ada'] }), /^dataset: author: the argument = "Ada": expected an object/);
  assert.match(refusal({ authors: [{ name: 'Ada', orcid: '0' }] }), /"orcid" is no member of it/);
});
