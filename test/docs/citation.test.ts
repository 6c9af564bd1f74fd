/** CITATION.cff against the schema that the Citation File Format publishes (version 1.2.0, CC BY 4.0). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { parse } from 'yaml';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

// Formats (date, uri) are checked by the schema's patterns alone.
const validate = new Ajv({ strict: false, validateFormats: false }).compile(
  JSON.parse(read('test/fixtures/citation/cff-1.2.0.schema.json')) as object,
);

test('CITATION.cff is valid, of this version, and cites the paper', () => {
  const citation = parse(read('CITATION.cff')) as Record<string, unknown>;
  assert.ok(validate(citation), JSON.stringify(validate.errors, null, 1));
  const { version } = JSON.parse(read('packages/repro/package.json')) as { version: string };
  assert.equal(citation['version'], version);
  assert.match(JSON.stringify(citation['preferred-citation']), /arXiv:2505\.10465/);
  assert.ok(!validate({ ...citation, authors: [] }), 'the schema refuses something');
});
