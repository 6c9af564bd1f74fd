/** What any page does with scripts: a filter of the claims, and a search among nodes. Without them all is shown. */

/** What was typed, in small letters. */
function textOf(data: FormData): string {
  const words = data.get('words');
  return typeof words === 'string' ? words.toLowerCase() : '';
}

function filterClaims(): void {
  const form = document.querySelector<HTMLFormElement>('#claim-filter');
  if (!form) return;
  const claims = [...document.querySelectorAll<HTMLElement>('.claims > tbody')];
  const count = form.querySelector('output')!;
  const apply = (): void => {
    const data = new FormData(form);
    const verdicts = new Set(data.getAll('verdict'));
    const words = textOf(data);
    let shown = 0;
    for (const claim of claims) {
      const fits =
        verdicts.has(claim.dataset['verdict'] ?? '') && (claim.textContent ?? '').toLowerCase().includes(words);
      claim.classList.toggle('unmatched', !fits);
      if (fits) shown++;
    }
    for (const table of document.querySelectorAll<HTMLElement>('table.claims')) {
      const none = table.querySelectorAll('tbody:not(.unmatched)').length === 0;
      table.classList.toggle('unmatched', none);
      table.previousElementSibling?.classList.toggle('unmatched', none);
    }
    count.textContent = `${shown} of ${claims.length} claim${claims.length === 1 ? '' : 's'}`;
  };
  form.hidden = false;
  form.addEventListener('input', apply);
  form.addEventListener('submit', (event) => event.preventDefault());
  apply();
  // A link to a claim that the filter hides shows all of them again.
  addEventListener('hashchange', () => {
    if (!document.querySelector(`[id="${CSS.escape(location.hash.slice(1))}"].unmatched`)) return;
    form.reset();
    apply();
    document.getElementById(location.hash.slice(1))?.scrollIntoView();
  });
}

/** Nodes of the published run: stage -> `[name in brackets, key]`. */
type Nodes = Readonly<Record<string, readonly (readonly [inside: string, key: string])[]>>;

function searchNodes(): void {
  const form = document.querySelector<HTMLFormElement>('#node-search');
  const data = document.querySelector('#repro-nodes')?.textContent;
  if (!form || !data) return;
  const nodes = Object.entries(JSON.parse(data) as Nodes).flatMap(([stage, list]) =>
    list.map(([inside, key]) => ({ name: inside ? `${stage}[${inside}]` : stage, key })),
  );
  const list = document.querySelector('#node-list')!;
  const count = form.querySelector('output')!;
  const apply = (): void => {
    const words = textOf(new FormData(form)).split(/\s+/).filter(Boolean);
    const found = words.length
      ? nodes.filter(({ name, key }) =>
          words.every((word) => name.toLowerCase().includes(word) || key.startsWith(word)),
        )
      : [];
    count.textContent = words.length ? `${found.length} of ${nodes.length} nodes` : `${nodes.length} nodes`;
    list.replaceChildren(
      ...found.slice(0, 50).map(({ name, key }) => {
        const item = document.createElement('li');
        const code = document.createElement('code');
        code.textContent = `${name}  ${key}`;
        item.append(code);
        return item;
      }),
    );
  };
  form.hidden = false;
  form.addEventListener('input', apply);
  form.addEventListener('submit', (event) => event.preventDefault());
  apply();
}

filterClaims();
searchNodes();
