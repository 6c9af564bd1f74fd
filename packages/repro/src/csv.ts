/** The rows of a table in CSV (RFC 4180), header included, and the line of the text on which each begins. */
export function* csvRows(text: string): Generator<{ readonly cells: string[]; readonly line: number }> {
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;
  let line = 1;
  let at = 0;
  while (at < text.length) {
    const cells: string[] = [];
    const first = line;
    for (;;) {
      cell.lastIndex = at;
      const match = cell.exec(text);
      if (!match) {
        yield { cells: [...cells, text.slice(at, at + 20)], line: first };
        return;
      }
      const [whole, quoted, plain, end] = match;
      at += whole.length;
      line += whole.split('\n').length - 1;
      cells.push(quoted === undefined ? plain! : quoted.replaceAll('""', '"'));
      if (end !== ',') break;
    }
    yield { cells, line: first };
  }
}
