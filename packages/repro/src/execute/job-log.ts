import {
  closeSync,
  copyFileSync,
  existsSync,
  fstatSync,
  linkSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';

const pieceBytes = 1 << 20;
/** Of what a job printed, so much of its beginning and of its end is kept. */
const keptHead = 1 << 20;
const keptTail = 15 << 20;

/** How much has been printed into the file, in bytes. */
export function logSize(fd: number): number {
  return fstatSync(fd).size;
}

/** The last bytes printed from `start` on, as text. */
export function logTail(fd: number, start: number, bytes: number): string {
  const size = logSize(fd);
  const from = Math.max(start, size - bytes);
  const buffer = Buffer.alloc(Math.max(0, size - from));
  const read = readSync(fd, buffer, 0, buffer.length, from);
  return buffer.subarray(0, read).toString('utf8');
}

/** Keeps what was printed from `start` on as a file, without the middle of something very long. None if it is nothing. */
export function keepLog(fd: number, start: number, path: string): void {
  const size = logSize(fd);
  // Nodes that once ran in one job share a file, which stays as it is for the others.
  if (existsSync(path)) rmSync(path, { force: true });
  if (size <= start) return;
  const to = openSync(path, 'w', 0o644);
  try {
    if (size - start <= keptHead + keptTail) copy(fd, start, size, to);
    else {
      copy(fd, start, start + keptHead, to);
      writeSync(to, `\n[${size - start - keptHead - keptTail} bytes are left out here]\n`);
      copy(fd, size - keptTail, size, to);
    }
  } finally {
    closeSync(to);
  }
}

/** The nodes of a batch have one log: under each of their names. */
export function shareLog(from: string, to: string): void {
  rmSync(to, { force: true });
  if (!existsSync(from)) return;
  try {
    linkSync(from, to);
  } catch {
    // Some file systems have no links, or allow only a few to one file.
    copyFileSync(from, to);
  }
}

function copy(from: number, start: number, end: number, to: number): void {
  const buffer = Buffer.allocUnsafe(Math.min(pieceBytes, end - start));
  for (let at = start; at < end;) {
    const read = readSync(from, buffer, 0, Math.min(buffer.length, end - at), at);
    if (read === 0) return;
    for (let written = 0; written < read;) written += writeSync(to, buffer, written, read - written);
    at += read;
  }
}
