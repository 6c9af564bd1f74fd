import { createHash } from 'node:crypto';

export interface HostedFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Large files are kept apart, as Git LFS does: their digest is a sha256 and they are served from another host. */
  readonly isLarge: boolean;
  readonly sha256: string;
  /** Of the file, or of the pointer that stands for it in git. */
  readonly gitOid: string;
}

export interface HostedRepository {
  readonly kind: 'model' | 'dataset';
  /** `owner/name`. */
  readonly name: string;
  readonly commit: string;
  /** Branches and tags that stand for the commit. */
  readonly revisions: readonly string[];
  /** Whether only who has this token may read it. */
  readonly token: string | undefined;
  readonly files: ReadonlyMap<string, HostedFile>;
}

const gitBlob = (bytes: Uint8Array): string =>
  createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');

/** A repository of the local hub; its commit is a digest of its files. */
export function hostedRepository(
  kind: 'model' | 'dataset',
  name: string,
  contents: Readonly<Record<string, Uint8Array | string>>,
  {
    revisions = ['main'],
    token,
    largeFrom = 10_000,
  }: { readonly revisions?: readonly string[]; readonly token?: string; readonly largeFrom?: number } = {},
): HostedRepository {
  const files = new Map<string, HostedFile>();
  const commit = createHash('sha1');
  for (const [path, content] of Object.entries(contents)) {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    const isLarge = bytes.length >= largeFrom;
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${bytes.length}\n`;
    const gitOid = gitBlob(isLarge ? new TextEncoder().encode(pointer) : bytes);
    files.set(path, { path, bytes, isLarge, sha256, gitOid });
    commit.update(`${path} ${gitOid}\n`);
  }
  return { kind, name, commit: commit.digest('hex'), revisions, token, files };
}
