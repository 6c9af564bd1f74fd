import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { HubRepositoryContent } from '../../../../stages/toy/artifacts.ts';
import { fetchHead } from '../../../../stages/language/fetch-llm/head.ts';
import { openHub } from '../../../../stages/language/fetch-llm/hub/request.ts';
import type { Hub } from '../../../../stages/language/fetch-llm/hub/request.ts';
import type { HubSettings } from '../../../../stages/language/fetch-llm/hub/settings.ts';
import { resolveRepository } from '../../../../stages/language/fetch-llm/hub/repository.ts';
import { temporaryDirectory } from '../../../../packages/repro/test/temporary-directory.ts';
import type { HostedRepository } from '../../../hub/repository.ts';
import { startHub } from '../../../hub/server.ts';
import type { LocalHub } from '../../../hub/server.ts';

export interface Fixture {
  readonly local: LocalHub;
  readonly scratch: string;
  readonly settings: HubSettings;
  readonly open: (changed?: Partial<HubSettings>) => Hub;
  /** Asks the hub. */
  readonly list: (hub: Hub, repository: HostedRepository) => Promise<HubRepositoryContent>;
  /** As the hub answered when it was first asked: a question takes a process that reads its answers. */
  readonly listed: (repository: HostedRepository, revision?: string, folder?: string) => Promise<HubRepositoryContent>;
}

const answers = new WeakMap<HostedRepository, Promise<HubRepositoryContent>>();

/** A local hub, and what the stages need to fetch from it: short waits, a cache and a scratch directory of their own. */
export async function hubFixture(
  t: TestContext,
  repositories: readonly HostedRepository[],
  options: { readonly pageSize?: number; readonly linkBase?: string } = {},
): Promise<Fixture> {
  const local = await startHub(repositories, options);
  t.after(() => local.close());
  const directory = temporaryDirectory();
  t.after(() => directory[Symbol.dispose]());
  const root = directory.path;
  const settings = {
    endpoint: local.url,
    token: undefined,
    offline: false,
    cache: join(root, 'cache'),
    stallMilliseconds: 5000,
    patienceMilliseconds: 20_000,
    firstWaitMilliseconds: 1,
  };
  const scratch = join(root, 'scratch');
  mkdirSync(scratch);
  const open = (changed: Partial<HubSettings> = {}): Hub =>
    openHub({ ...settings, ...changed }, AbortSignal.timeout(60_000));
  return {
    local,
    scratch,
    settings,
    open,
    listed: (repository, revision = 'main', folder = '') => {
      const { kind, name } = repository;
      const known = answers.get(repository) ?? resolveRepository(open(), { kind, repository: name, revision, folder });
      answers.set(repository, known);
      return known;
    },
    list: (hub, { kind, name }) => resolveRepository(hub, { kind, repository: name, revision: 'main', folder: '' }),
  };
}

/** Fetches a head and returns its file. */
export async function headOf(
  hub: Hub,
  listing: HubRepositoryContent,
  scratch: string,
  vocabulary: number,
  width: number,
): Promise<Uint8Array> {
  const path = join(scratch, 'head.safetensors');
  await fetchHead(hub, listing, { vocabulary, width, path, scratch, progress: () => undefined });
  return readFileSync(path);
}
