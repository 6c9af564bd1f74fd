/** The provenance as a section of the page: what it cost, the graph by stage, and where each published file comes from. */
import { describeEnvironment } from '../environments/words.ts';
import type { Described } from '../environments/environment.ts';
import { canonicalJson } from '../graph/canonical-json.ts';
import type { Graph } from '../graph/graph.ts';
import { dataBlock, html } from '../page/html.ts';
import type { Html } from '../page/html.ts';
import { addressOf } from '../address.ts';
import type { Lock } from './lock.ts';
import type { Provenance } from './provenance.ts';
import { machineWords } from '../plan/trace.ts';
import { plural } from '../plural.ts';

/** Stage -> the stages and files that its nodes read. */
export type StagesNeeded = ReadonlyMap<string, readonly string[]>;

/** In the order in which stages appear in the graph. */
export function stagesNeeded(graph: Graph): StagesNeeded {
  const needed = new Map<string, Set<string>>();
  for (const { stage, inputs } of graph.nodes) {
    const own = needed.get(stage.name) ?? new Set<string>();
    needed.set(stage.name, own);
    for (const { handles } of inputs)
      for (const { node } of handles) own.add(node.kind === 'source' ? node.path : node.stage.name);
  }
  return new Map([...needed].map(([name, names]) => [name, [...names].sort()]));
}

/**
 * Of a set that was published with this lock. The text is a section of HTML; `verify` knows it by its digest. `page`: the
 * path of the page that it becomes part of, from which its links lead.
 */
export function provenanceHtml(facts: Provenance, lock: Lock, needed: StagesNeeded, page = 'index.html'): string {
  const up = '../'.repeat(page.split('/').length - 1);
  const seconds = facts.machines.reduce((sum, machine) => sum + machine.seconds, 0);
  return html`<section id="provenance" aria-labelledby="provenance-title">
    <h2 id="provenance-title">Provenance</h2>
    <p>
      <b>Cost: ${duration(seconds)} of work</b> on ${facts.machines.map(({ processor }) => processor).join('; ')}: the
      seconds of each node’s own run, whenever that was. Published ${facts.finishedAt.slice(0, 19).replace('T', ' ')}
      UTC by a run of ${duration(facts.seconds)}: ${plural(facts.nodes.executed, 'node')} executed,
      ${facts.nodes.cached} cached, ${facts.nodes.notRun} not run.
    </p>
    ${stageTable(facts, lock, needed)} ${circumstances(facts)} ${fileTable(lock, up)} ${nodeSearch(facts, lock, up)}
  </section>`.markup;
}

function stageTable(facts: Provenance, lock: Lock, needed: StagesNeeded): Html {
  const complete = new Map<string, number>();
  for (const name of Object.keys(lock.nodes)) {
    const { stage } = split(name);
    complete.set(stage, (complete.get(stage) ?? 0) + 1);
  }
  return html`<h3 id="graph">The graph, by stage</h3>
    <div class="wide" tabindex="0" role="region" aria-labelledby="graph">
      <table class="plain">
        <thead>
          <tr>
            <th scope="col">Stage</th>
            <th scope="col">reads</th>
            <th scope="col" class="amount">complete</th>
            <th scope="col" class="amount">executed</th>
            <th scope="col" class="amount">cached</th>
            <th scope="col" class="amount">work</th>
          </tr>
        </thead>
        <tbody>
          ${[...needed].map(([stage, reads]) => {
            const counts = facts.stages[stage];
            return html`<tr id="stage-${stage}">
              <th scope="row">${stage}</th>
              <td>
                ${reads.map(
                  (name, i) =>
                    html`${i > 0 && ', '}${
                      needed.has(name) ? html`<a href="#stage-${name}">${name}</a>` : html`<code>${name}</code>`
                    }`,
                )}
              </td>
              <td class="amount">${complete.get(stage) ?? 0}</td>
              <td class="amount">${counts?.executed ?? 0}</td>
              <td class="amount">${counts?.cached ?? 0}</td>
              <td class="amount">${duration(counts?.seconds ?? 0)}</td>
            </tr>`;
          })}
        </tbody>
      </table>
    </div>`;
}

function circumstances(facts: Provenance): Html {
  const backends = Object.entries(facts.backends).map(([stage, name]) => `${stage} on ${name}`);
  const packages = Object.entries(facts.packages).map(([name, version]) => `${name} ${version}`);
  return html`<h3>How it was computed</h3>
    <ul>
      <li>Commit: <code>${facts.commit ?? 'not a git checkout'}</code></li>
      ${facts.machines.map(
        ({ nodes, seconds, ...machine }) =>
          html`<li>${plural(nodes, 'node')}, ${duration(seconds)} of work: ${machineWords(machine)}</li>`,
      )}
      <li>Backends: ${backends.join(', ') || 'none'}; key scheme ${facts.keyScheme}</li>
      ${Object.entries(facts.adopted).map(([node, origin]) => html`<li>Not computed here, but taken in: <code>${node}</code> from ${origin}</li>`)}
      ${Object.entries(facts.environments).map(([node, environment]) => html`<li>Environment of ${node}: ${describeEnvironment(environment as Described)}</li>`)}
      ${facts.programs && html`<li>Programs of the machine: ${facts.programs.join('; ')}</li>`}
      <li>Packages: ${packages.join(', ') || 'none'}</li>
      ${facts.overrides.length > 0 && html`<li>Overrides: <code>${facts.overrides.join(' ')}</code></li>`}
    </ul>
    <details>
      <summary>All parameters</summary>
      <div class="wide" tabindex="0" role="region" aria-label="All parameters">
        <pre>${JSON.stringify(JSON.parse(canonicalJson(facts.parameters)), null, 2)}</pre>
      </div>
    </details>`;
}

function fileTable(lock: Lock, up: string): Html {
  const rows = Object.entries(lock.published ?? {});
  return html`<h3 id="files">Where each file comes from</h3>
    <p>
      <code>repro show KEY</code> prints the parameters, inputs, machine and time of a node;
      <code>repro why NODE</code> says why it would run again.
    </p>
    <div class="wide" tabindex="0" role="region" aria-labelledby="files">
      <table class="plain">
        <thead>
          <tr>
            <th scope="col">File</th>
            <th scope="col">Node</th>
            <th scope="col">Key</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ([path, { node }]) =>
              html`<tr id="file-${path}">
                <th scope="row"><a href="${up}${addressOf(path)}">${path}</a></th>
                <td><code>${node}</code></td>
                <td><code>${(lock.nodes[node]?.key ?? '').slice(0, keyLength)}</code></td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

/** Digits of a key that a page shows: the verbs take any prefix that only one node has. */
const keyLength = 12;

function nodeSearch(facts: Provenance, lock: Lock, up: string): Html {
  const nodes: Record<string, [inside: string, key: string, outputs: string][]> = {};
  for (const [name, { key, outputs }] of Object.entries(lock.nodes)) {
    const { stage, inside } = split(name);
    const digests = Object.values(outputs).map((digest) => digest.slice(0, keyLength));
    (nodes[stage] ??= []).push([inside, key.slice(0, keyLength), digests.length === 1 ? digests[0]! : '']);
  }
  return html`<h3 id="nodes">Nodes</h3>
    <p>Every node with its full key and the digests of its outputs is in <a href="${up}lock.json">lock.json</a>.</p>
    <form class="filter screen" id="node-search" hidden aria-label="Search the nodes of ${facts.set}">
      <label>Words or a key <input type="search" name="words" autocomplete="off" /></label>
      <output aria-live="polite"></output>
    </form>
    <ul id="node-list" class="screen"></ul>
    ${dataBlock('repro-nodes', nodes)}`;
}

function split(name: string): { stage: string; inside: string } {
  const at = name.indexOf('[');
  return at < 0
    ? { stage: name, inside: '' }
    : { stage: name.slice(0, at), inside: name.slice(at + 1).replace(/\]$/, '') };
}

/** `850 s`, `15 min`, `102 h`: core time when nodes have a core each. */
function duration(seconds: number): string {
  if (seconds < 120) return `${Number(seconds.toFixed(1))} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Number((seconds / 3600).toFixed(1))} h`;
}
