import crypto from 'node:crypto';

declare const brand: unique symbol;

/** A string that only its own constructor makes, so that a path or a name cannot pass for it. */
type Branded<Kind extends string> = string & { readonly [brand]: Kind };

/** SHA-256 of some bytes, 64 lower-case hexadecimal digits: what blobs and source files are named by. */
export type Digest = Branded<'digest'>;

/** Digest of everything that the bytes of a node may depend on. Made by `nodeKey`, or read back by `asKey`. */
export type Key = Branded<'key'>;

/** Digest of the code of a stage with the packages it uses. Made where the code is bundled. */
export type CodeDigest = Branded<'code'>;

/** The name of a node, as `graph/names.ts` makes it: `train[small,alpha=0.5,gamma=-5/9,m=17]`. */
export type NodeName = Branded<'node-name'>;

/** Backends of one class give the same bytes: `wasm-f32-v1`. Declared by stages. */
export type NumericClass = Branded<'numeric-class'>;

export function sha256(data: string | Uint8Array): Digest {
  return digestOnce(data) as Digest;
}

/** Node has the quick way since 20.12. */
const digestOnce: (data: string | Uint8Array) => string =
  typeof crypto.hash === 'function'
    ? (data) => crypto.hash('sha256', data, 'hex')
    : (data) => crypto.createHash('sha256').update(data).digest('hex');

const hexadecimal = /^[0-9a-f]{64}$/;

/** A digest that was written down; undefined if the text is none. */
export function asDigest(text: unknown): Digest | undefined {
  return typeof text === 'string' && hexadecimal.test(text) ? (text as Digest) : undefined;
}

/** A key that was written down; undefined if the text is none. */
export function asKey(text: unknown): Key | undefined {
  return asDigest(text) as Key | undefined;
}

/** The key whose canonical text this is. */
export function keyOfText(text: string): Key {
  return sha256(text) as string as Key;
}

/** The code digest of a bundle and its packages, given as canonical text. */
export function codeDigestOfText(text: string): CodeDigest {
  return sha256(text) as string as CodeDigest;
}

/** The numeric class that a backend declares. */
export function asNumericClass(declared: string): NumericClass {
  return declared as NumericClass;
}

/** The name of a node, by what gives nodes their names. */
export function asNodeName(text: string): NodeName {
  return text as NodeName;
}
