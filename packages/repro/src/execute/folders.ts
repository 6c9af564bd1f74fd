/** A folder as one blob: an archive of its files in the order of their paths, without times, owners or modes. */
import { closeSync, lstatSync, mkdirSync, openSync, readSync, readdirSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isNameKnown, pieceIsDone } from '../store/files.ts';
import { sizeInHeader, tarEnd, tarHeader, tarPadding } from '../travel/tar.ts';

/** Paths of all files below a folder, with forward slashes, sorted by their bytes. Throws an Error for anything but files and folders. */
export function filesOfFolder(folder: string): string[] {
  const found: string[] = [];
  const open = [''];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const entry of readdirSync(join(folder, at), { withFileTypes: true })) {
      const path = at === '' ? entry.name : `${at}/${entry.name}`;
      if (!isNameKnown(join(folder, at), entry.name))
        throw new Error(`the name of ${path} is not UTF-8: expected names in UTF-8`);
      if (entry.isDirectory()) open.push(path);
      else if (entry.isFile()) found.push(path);
      else {
        const what = entry.isSymbolicLink() ? 'a symbolic link' : 'no plain file';
        throw new Error(`${path} is ${what}: expected files and folders only`);
      }
    }
  }
  return found.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

const pieceBytes = 1 << 20;

/** Packs a folder into an archive: the same bytes for equal files of equal names, whenever and in whatever order they were made. */
export function packFolder(folder: string, archive: string): void {
  const to = openSync(archive, 'wx', 0o644);
  // Small files are gathered, so that ten thousand of them are not thirty thousand writes.
  let pieces: Uint8Array[] = [];
  let gathered = 0;
  const flush = (): void => {
    writeAll(to, Buffer.concat(pieces));
    pieces = [];
    gathered = 0;
  };
  const put = (piece: Uint8Array): void => {
    pieces.push(piece);
    gathered += piece.length;
    if (gathered >= pieceBytes) flush();
  };
  try {
    for (const path of filesOfFolder(folder)) {
      const file = join(folder, path);
      const { size } = lstatSync(file);
      put(tarHeader({ name: path, size }));
      const from = openSync(file, 'r');
      try {
        for (let left = size; left > 0;) {
          const buffer = Buffer.allocUnsafe(Math.min(left, pieceBytes));
          const read = readSync(from, buffer, 0, buffer.length, null);
          if (read === 0) throw new Error(`${path} became shorter while it was read`);
          put(buffer.subarray(0, read));
          pieceIsDone();
          left -= read;
        }
      } finally {
        closeSync(from);
      }
      put(tarPadding(size));
    }
    put(tarEnd());
    flush();
  } finally {
    closeSync(to);
  }
}

/** Writes the files of an archive into a new folder, read-only. Throws an Error for what `packFolder` does not make. */
export function unpackFolder(archive: string, folder: string): void {
  const from = openSync(archive, 'r');
  const made = new Set<string>();
  const folderOf = (path: string): void => {
    if (made.has(path)) return;
    mkdirSync(path, { recursive: true });
    made.add(path);
  };
  try {
    folderOf(folder);
    for (let at = 0; ;) {
      const header = exactly(from, 512, at);
      if (header.every((byte) => byte === 0)) return;
      const text = (start: number, end: number): string => header.toString('utf8', start, end).replace(/\0.*$/s, '');
      const prefix = text(345, 500);
      const path = prefix ? `${prefix}/${text(0, 100)}` : text(0, 100);
      const size = sizeInHeader(header);
      if (!isSafe(path) || size === undefined)
        throw new Error(`${JSON.stringify(path)} in an archive: expected a file of a folder`);
      const target = join(folder, path);
      folderOf(dirname(target));
      at += 512;
      if (size <= pieceBytes) writeFileSync(target, exactly(from, size, at), { flag: 'wx', mode: 0o444 });
      else copyPiece(from, at, size, target);
      at += Math.ceil(size / 512) * 512;
    }
  } finally {
    closeSync(from);
  }
}

/** A path that stays below its folder. */
function isSafe(path: string): boolean {
  return (
    path !== '' && !path.includes('\0') && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
  );
}

function copyPiece(from: number, start: number, size: number, target: string): void {
  const to = openSync(target, 'wx', 0o444);
  try {
    for (let done = 0; done < size;) {
      const piece = exactly(from, Math.min(pieceBytes, size - done), start + done);
      writeAll(to, piece);
      done += piece.length;
      pieceIsDone();
    }
  } finally {
    closeSync(to);
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) written += writeSync(fd, bytes, written);
}

function exactly(fd: number, length: number, position: number): Buffer {
  const buffer = Buffer.allocUnsafe(length);
  for (let done = 0; done < length;) {
    const read = readSync(fd, buffer, done, length - done, position + done);
    if (read === 0) throw new Error('an archive ends early');
    done += read;
  }
  return buffer;
}
