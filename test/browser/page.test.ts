import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { temporaryDirectory } from '../../packages/repro/test/temporary-directory.ts';
import { launchChromium } from './chromium.ts';
import { exponentsCsv, hostile, pageText, results, small, writeReports } from './published-page.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const directory = temporaryDirectory();
let browser: Browser;
before(async () => {
  writeReports(directory.path);
  browser = await launchChromium();
});
after(async () => {
  await browser.close();
  directory[Symbol.dispose]();
});

const addressOf = (path: string): string => pathToFileURL(join(directory.path, path)).href;

/** Opens a page, and afterwards asserts that it asked for nothing else, ran no foreign script and logged no error. */
async function open(path: string, options: BrowserContextOptions, use: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const unexpected: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith('data:')) unexpected.push(`request of ${request.url()}`);
  });
  page.on('console', (message) => {
    if (message.type() === 'error') unexpected.push(message.text());
  });
  page.on('pageerror', (error) => unexpected.push(error.message));
  page.on('dialog', (dialog) => {
    unexpected.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(addressOf(path));
  await use(page);
  assert.deepEqual(unexpected, [`request of ${addressOf(path)}`]);
  await context.close();
}

const views: Readonly<Record<string, BrowserContextOptions>> = {
  desktop: {},
  dark: { colorScheme: 'dark' },
  phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
  'at 400% zoom': { viewport: { width: 320, height: 256 } },
};

for (const path of ['ideal/index.html', 'index.html']) {
  describe(path, () => {
    for (const [view, options] of Object.entries(views)) {
      test(`${view}: no violation of axe-core, and nothing beyond the width of the window`, () =>
        open(path, options, async (page) => {
          await page.evaluate(axe);
          const violations = await page.evaluate(async () => {
            const { violations: found } = await (
              globalThis as unknown as {
                axe: { run: () => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
              }
            ).axe.run();
            return found.map(({ id, nodes }) => `${id}: ${nodes[0]!.html}`);
          });
          assert.deepEqual(violations, []);
          const [content, window] = await page.evaluate<[number, number]>(
            '[document.documentElement.scrollWidth, innerWidth]',
          );
          assert.ok(content <= window, `${content} px in ${window} px`);
        }));
    }

    test('every link leads somewhere', () =>
      open(path, {}, async (page) => {
        const links = await page.locator('a[href]').evaluateAll((all) => all.map((a) => a.getAttribute('href')!));
        assert.ok(links.length > 5);
        for (const link of links) {
          if (link.startsWith('https://')) continue;
          const [file, anchor] = link.split('#') as [string, string | undefined];
          const target = join(directory.path, dirname(path), file || path.split('/').at(-1)!);
          assert.ok(existsSync(target), link);
          if (anchor !== undefined) assert.ok(readFileSync(target, 'utf8').includes(`id="${anchor}"`), link);
        }
      }));
  });
}

test('the same content gives the same bytes, below 3 MB', () => {
  assert.equal(pageText(), pageText());
  assert.ok(pageText().length < 3e6);
});

test('claims, verdicts and values are those of claims.json, and hostile text is text', () =>
  open('ideal/index.html', {}, async (page) => {
    const shown = await page.locator('.claims > tbody').evaluateAll((all) =>
      all.map((claim) => ({
        id: claim.id,
        verdict: claim.getAttribute('data-verdict'),
        sentence: claim.querySelector('th')!.textContent ?? '',
        measured: [...claim.querySelectorAll('.number')].map((cell) => cell.textContent),
      })),
    );
    assert.equal(shown.length, results.length);
    for (const { id, verdict, sentence, parts } of results) {
      const found = shown.find((one) => one.id === `claim-${id}`)!;
      assert.equal(found.verdict, verdict, id);
      assert.ok(found.sentence.includes(sentence), id);
      assert.deepEqual(
        found.measured,
        parts.map(({ measuredText }) => measuredText || '–'),
        id,
      );
    }
    assert.equal(results[0]!.sentence, hostile);
    assert.deepEqual(await page.locator('main img[src="x"]').count(), 0);
  }));

test('the filter keeps the claims of the verdicts and words chosen, and a link to a hidden one shows it', () =>
  open('ideal/index.html', {}, async (page) => {
    const visible = page.locator('.claims > tbody:visible');
    const reproduced = results.filter(({ verdict }) => verdict === 'reproduced').length;
    for (const verdict of ['not-reproduced', 'inconclusive', 'not-run'])
      await page.locator(`#claim-filter [value="${verdict}"]`).uncheck();
    assert.equal(await visible.count(), reproduced);
    assert.equal(await page.locator('#claim-count').textContent(), `${reproduced} of ${results.length} claims`);
    await page.locator('#claim-filter [name="words"]').fill('weak-slow');
    assert.equal(await visible.count(), 1);
    await page.locator('.strip a').last().click();
    assert.equal(await visible.count(), results.length);
  }));

test('every cell of the map is that of exponents.csv, is reached by arrow keys, and opens its models and nodes', () =>
  open('ideal/index.html', {}, async (page) => {
    const [head, ...rows] = exponentsCsv
      .trim()
      .split('\n')
      .map((line) => line.split(','));
    const column = (name: string): number => head!.indexOf(name);
    const expected = new Map(
      rows.map((row) => [
        `${Number(row[column('alpha')])} ${Number(Number(row[column('gamma')]).toFixed(3))}`,
        Number(row[column('exponent')]),
      ]),
    );
    const grid = page.getByRole('grid');
    const width = (await grid.locator('thead th').count()) - 1;
    const height = await grid.locator('tbody tr').count();
    assert.equal(width * height, expected.size);
    await grid.locator('td').first().click();
    const seen = new Map<string, number>();
    for (let r = 0; r < height; r++) {
      for (let c = 0; c < width; c++) {
        const [value, title, heading] = await page.evaluate<string[]>(
          `[document.activeElement.textContent, document.activeElement.title, document.querySelector('.map-detail h3').textContent]`,
        );
        assert.equal(heading!.split(': ')[1], title!.split(': ')[1]);
        const [, alpha, gamma] = /α = ([\d.]+), γ = ([−\d.]+):/.exec(heading!)!;
        seen.set(`${Number(alpha)} ${Number(gamma!.replace('−', '-'))}`, Number(value!.trim().replace('−', '-')));
        await page.keyboard.press(c < width - 1 ? 'ArrowRight' : 'Home');
      }
      await page.keyboard.press('ArrowDown');
    }
    assert.equal(seen.size, expected.size);
    for (const [cell, value] of seen) assert.equal(value, Number(expected.get(cell)!.toFixed(2)), cell);
    const keys = await page.locator('.map-detail tbody td:last-child').allTextContents();
    assert.equal(keys.length, new Set(small.models.map(({ m }) => m)).size);
    for (const key of keys) assert.match(key, /^abc[0-9a-f]{9}$/);
    assert.match((await page.locator('.map-detail p').last().textContent())!, /repro run 'measure-geometry\[small,/);
  }));

test('a node is found by words of its name and by its key', () =>
  open('ideal/index.html', {}, async (page) => {
    await page.locator('#node-search input').fill('gamma=-1.000 alpha=0.25');
    assert.equal(await page.locator('#node-list li').count(), 6);
    await page.locator('#node-search input').fill('abc000');
    assert.equal(await page.locator('#node-list li').count(), 1);
  }));

test('two sets side by side: the others are hidden, and the claims that differ are told', () =>
  open('index.html', {}, async (page) => {
    await page.locator('#compare [name="differ"]').check();
    assert.equal(await page.locator('.over-sets tbody tr:visible').count(), 1);
    assert.equal(await page.locator('#compare output').textContent(), `1 of ${results.length} verdicts differ`);
    const order = await page.locator('.over-sets thead th').allTextContents();
    assert.deepEqual(
      order.map((one) => one.trim()),
      ['Claim', 'other', 'ideal'],
      'the largest first',
    );
  }));

test('without JavaScript, and in print, all claims, all exponents and all figures are there', async () => {
  await open('ideal/index.html', { javaScriptEnabled: false }, async (page) => {
    assert.equal(await page.locator('.claims > tbody:visible').count(), results.length);
    assert.equal(await page.locator('.exponents td:visible').count(), small.exponents.length);
    assert.equal(await page.locator('.figures img').count(), 3);
    assert.equal(await page.locator('form:visible').count(), 0);
  });
  await open('ideal/index.html', {}, async (page) => {
    await page.locator('#claim-filter [value="reproduced"]').uncheck();
    await page.emulateMedia({ media: 'print' });
    assert.equal(await page.locator('.claims > tbody:visible').count(), results.length);
    const details = page.locator('.claims details p').first();
    assert.ok(
      await details.evaluate((one) => one.checkVisibility({ contentVisibilityAuto: true })),
      'details are open',
    );
    assert.equal(await page.locator('form:visible, nav:visible').count(), 0);
  });
});

test('figures are images whose scripts do not run and whose colours and percent signs survive', () =>
  open('ideal/index.html', {}, async (page) => {
    const sizes = await page.locator('.figures img').evaluateAll(async (all) => {
      const images = all as unknown as { loading: string; decode: () => Promise<void>; naturalWidth: number }[];
      for (const image of images) image.loading = 'eager';
      await Promise.all(images.map((image) => image.decode()));
      return images.map(({ naturalWidth }) => naturalWidth);
    });
    assert.deepEqual(sizes, [300, 300, 300]);
  }));
