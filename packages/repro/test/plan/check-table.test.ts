import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tableError } from '../../src/plan/check-table.ts';

const columns = { m: 'integer', loss: 'number', name: 'text', ok: 'boolean' } as const;

test('a table is checked against its columns: line, column, value, what was expected', () => {
  const head = 'm,loss,name,ok\n';
  const right = ['', '1,0.5,a,true\n', '-1,1e-3,"a, ""b""\nc",false\r\n2,.5,,true', '1,2,3,true\n4,5,6,false\n'];
  for (const rows of right) assert.equal(tableError(head + rows, columns), undefined, rows);
  const wrong: Record<string, string> = {
    '1.5,1,a,true': 'line 2, m = "1.5": expected a whole number',
    '1,NaN,a,true':
      'line 2, loss = "NaN": expected a finite number: leave such rows out, or declare the column as text',
    '1,1e999,a,true': 'line 2, loss = "1e999": expected a finite number',
    '1,,a,true': 'line 2, loss = "": expected a finite number: leave such rows out, or declare the column as text',
    '1,2,"a\nb",true\n1,2,c,yes': 'line 4, ok = "yes": expected true or false',
    '1,2,a': 'line 2 has 3 cells: expected 4: m, loss, name, ok',
  };
  for (const [rows, message] of Object.entries(wrong)) assert.equal(tableError(head + rows, columns), message);
  assert.equal(tableError('', columns), 'it is empty: expected the columns m, loss, name, ok');
  assert.equal(tableError('loss,m\n', columns), 'line 1 has the columns loss, m: expected m, loss, name, ok');
});
