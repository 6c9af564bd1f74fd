import assert from 'node:assert/strict';
import { test } from 'node:test';
import { csv, html, json, markdown, markdownCode, terminal, terminalLine, xml } from '../src/escape.ts';

const hostile = 'a\u001b[31mred\u009b0m\u0007\u202eevil\r\u2066<script>alert(1)</script>';
const acting = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

test('no control and no change of direction leaves by any way', () => {
  for (const escape of [terminal, terminalLine, markdown, markdownCode, html, xml, csv, json])
    assert.doesNotMatch(escape(hostile), acting, escape.name);
});

test('what was a control is shown', () => {
  assert.equal(terminal('a\u001b[1mb\n\tc'), 'a\\x1b[1mb\n\tc');
  assert.equal(terminalLine('a\nb\tc'), 'a b c');
});

test('JSON stays JSON of the same value', () => {
  assert.deepEqual(JSON.parse(json({ hostile })), { hostile });
});

test('markup is text in Markdown, HTML and XML', () => {
  assert.equal(markdown('a|b [c](d) *e* <f>&`g`'), 'a\\|b \\[c\\](d) \\*e\\* &lt;f&gt;&amp;\\`g\\`');
  assert.equal(markdownCode('a ` b'), '``a ` b``');
  assert.equal(markdownCode('`a`'), '`` `a` ``');
  assert.equal(html(`<a href="x" b='y'>&`), '&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;');
  assert.equal(xml('a\n"b"\ud800\ufffe'), 'a&#10;&quot;b&quot;\ufffd\ufffd');
});

test('a cell of CSV is one cell, and no formula', () => {
  assert.equal(csv('a,"b"\nc'), '"a,""b""\nc"');
  for (const [text, cell] of [
    ['=1+1', "'=1+1"],
    ['@a', "'@a"],
    ['-x', "'-x"],
    ['-1.5', '-1.5'],
    ['+.5', '+.5'],
  ] as const)
    assert.equal(csv(text), cell);
  assert.equal(csv(0.1), '0.1');
  assert.equal(csv(null), '');
});
