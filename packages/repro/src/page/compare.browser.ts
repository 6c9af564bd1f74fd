/** Two sets side by side: the columns of the others are hidden, and on request the claims with equal verdicts. */

function compareSets(): void {
  const form = document.querySelector<HTMLFormElement>('#compare');
  const table = document.querySelector<HTMLTableElement>('.over-sets');
  if (!form || !table || table.rows[0]!.cells.length < 3) return;
  const count = form.querySelector('output')!;
  const apply = (): void => {
    const data = new FormData(form);
    const chosen = [Number(data.get('left')), Number(data.get('right'))];
    const onlyDifferent = data.has('differ');
    let different = 0;
    for (const row of table.rows) {
      [...row.cells].forEach((cell, i) => cell.classList.toggle('unmatched', i > 0 && !chosen.includes(i - 1)));
      if (row.parentElement?.tagName !== 'TBODY') continue;
      const [left, right] = chosen.map((i) => row.cells[i + 1]!.dataset['verdict']);
      if (left !== right) different++;
      row.classList.toggle('unmatched', onlyDifferent && left === right);
    }
    count.textContent = `${different} of ${table.tBodies[0]!.rows.length} verdicts differ`;
  };
  form.hidden = false;
  form.addEventListener('input', apply);
  form.addEventListener('submit', (event) => event.preventDefault());
}

compareSets();
