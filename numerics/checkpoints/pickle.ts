/**
 * A reader of the pickles inside PyTorch checkpoints that runs nothing: it knows the opcodes that build a dictionary of
 * tensors and the few globals that stand in such a pickle, and refuses every other opcode and global by name. A
 * "call" (REDUCE) of a known global makes a plain description of a tensor; no other call exists here.
 */
import type { TensorDtype } from './dtypes.ts';
import { quoted } from '../foreign/quoted.ts';
import { forbidden, opcodes } from './pickle-opcodes.ts';

export interface PickledTensor {
  readonly kind: 'tensor';
  readonly dtype: TensorDtype;
  /** Name of the entry below `data/` that holds the storage. */
  readonly storage: string;
  /** Of the storage, in elements. */
  readonly storageLength: number;
  /** First element of the tensor within its storage. */
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

const storages: Readonly<Record<string, TensorDtype>> = {
  DoubleStorage: 'F64',
  FloatStorage: 'F32',
  HalfStorage: 'F16',
  BFloat16Storage: 'BF16',
  LongStorage: 'I64',
  IntStorage: 'I32',
  ShortStorage: 'I16',
  CharStorage: 'I8',
  ByteStorage: 'U8',
  BoolStorage: 'BOOL',
};

type Callable = 'OrderedDict' | 'rebuildTensor' | 'rebuildParameter';
const callables: Readonly<Record<string, Callable>> = {
  'collections.OrderedDict': 'OrderedDict',
  'torch._utils._rebuild_tensor_v2': 'rebuildTensor',
  'torch._utils._rebuild_parameter': 'rebuildParameter',
};

interface Callee {
  readonly kind: 'callable';
  readonly name: Callable;
}
interface StorageType {
  readonly kind: 'storage-type';
  readonly dtype: TensorDtype;
}
interface Storage {
  readonly kind: 'storage';
  readonly dtype: TensorDtype;
  readonly key: string;
  readonly length: number;
}
interface Dictionary {
  readonly kind: 'dictionary';
  readonly items: Map<string, Value>;
  readonly ordered: boolean;
}
interface List {
  readonly kind: 'list';
  readonly items: Value[];
}
interface Tuple {
  readonly kind: 'tuple';
  readonly items: readonly Value[];
}
type Scalar = null | boolean | number | string;
type Value = Scalar | Callee | StorageType | Storage | Dictionary | List | Tuple | PickledTensor;

/** The tensors of a pickled state dictionary by name. Throws an Error that names what is refused and at which byte. */
export function readPickledTensors(bytes: Uint8Array): ReadonlyMap<string, PickledTensor> {
  const state = new PickleReader(bytes).read();
  if (!isKind(state, 'dictionary'))
    throw new Error(`pickle: holds ${describe(state)}: expected a dictionary of tensors`);
  const tensors = new Map<string, PickledTensor>();
  for (const [name, value] of state.items) {
    if (!isKind(value, 'tensor')) throw new Error(`pickle: ${quoted(name)} is ${describe(value)}: expected a tensor`);
    tensors.set(name, value);
  }
  return tensors;
}

/** A tensor takes some thirty; the shards of the largest models have a few thousand tensors. */
const mostValues = 2 ** 20;

/** The stack machine of pickle, less everything that could call, import or look up an attribute. */
export class PickleReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  #pushed = 0;
  readonly #stack: Value[] = [];
  /** Heights of the stack at the open marks. */
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, Value>();

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  read(): Value {
    for (;;) {
      const start = this.#at;
      const opcode = this.#byte();
      if (opcode === 0x2e) return this.#pop(); // STOP
      const run = opcodes[opcode];
      if (!run)
        throw new Error(
          `pickle: opcode 0x${opcode.toString(16).padStart(2, '0')} (${forbidden[opcode] ?? 'unknown'}) at byte ${start} is none that a dictionary of tensors needs: refused`,
        );
      run(this);
    }
  }

  protocol(): void {
    const version = this.#byte();
    if (version > 5) throw new Error(`pickle: protocol ${version}: expected at most 5`);
  }

  push(value: Value): void {
    if (++this.#pushed > mostValues)
      throw this.#error(`more than ${mostValues} values, the limit: it is no dictionary of tensors`);
    this.#stack.push(value);
  }

  mark(): void {
    this.#marks.push(this.#stack.length);
  }

  /** The `count` values on top of the stack, or those above the last mark. */
  tuple(count?: number): void {
    const items = count === undefined ? this.#popMark() : this.#take(count);
    this.push({ kind: 'tuple', items });
  }

  put(index: number): void {
    this.#memo.set(index, this.#top());
  }

  memoize(): void {
    this.put(this.#memo.size);
  }

  get(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) throw this.#error(`memo ${index} was never put`);
    this.push(value);
  }

  append(count?: number): void {
    const items = count === undefined ? this.#popMark() : this.#take(count);
    const list = this.#top();
    if (!isKind(list, 'list')) throw this.#error(`appends to ${describe(list)}`);
    for (const item of items) list.items.push(item);
  }

  setItems(count?: number): void {
    const items = count === undefined ? this.#popMark() : this.#take(count);
    const dictionary = this.#top();
    if (!isKind(dictionary, 'dictionary') || items.length % 2 !== 0)
      throw this.#error(`sets items of ${describe(dictionary)}`);
    for (let i = 0; i < items.length; i += 2) {
      const key = items[i]!;
      if (typeof key !== 'string') throw this.#error(`a key is ${describe(key)}: expected a string`);
      if (dictionary.items.has(key)) throw this.#error(`the key ${quoted(key)} comes twice`);
      dictionary.items.set(key, items[i + 1]!);
    }
  }

  /** Only an ordered dictionary may be given attributes (`_metadata`), and they are dropped. */
  build(): void {
    const [target] = this.#take(2);
    if (!isKind(target, 'dictionary') || !target.ordered)
      throw this.#error(`sets the state of ${describe(target!)}: refused`);
    this.push(target);
  }

  global(module = this.line(), name = this.line()): void {
    const full = `${module}.${name}`;
    const callable = Object.hasOwn(callables, full) ? callables[full] : undefined;
    const dtype = module === 'torch' && Object.hasOwn(storages, name) ? storages[name] : undefined;
    if (callable) this.push({ kind: 'callable', name: callable });
    else if (dtype) this.push({ kind: 'storage-type', dtype });
    else throw new Error(`pickle: the global ${quoted(full)} is none that a dictionary of tensors needs: refused`);
  }

  stackGlobal(): void {
    const [module, name] = this.#take(2);
    if (typeof module !== 'string' || typeof name !== 'string')
      throw this.#error('a global is named by other than strings');
    this.global(module, name);
  }

  persistentId(): void {
    const id = this.#pop();
    const [tag, type, key, location, length] = isKind(id, 'tuple') ? id.items : [];
    if (
      tag !== 'storage' ||
      !isKind(type, 'storage-type') ||
      typeof key !== 'string' ||
      typeof location !== 'string' ||
      !isSize(length)
    ) {
      throw this.#error(`the persistent id is ${describe(id)}: expected that of a storage`);
    }
    if (!/^\w{1,64}$/.test(key)) throw this.#error(`storage ${quoted(key)}: expected a plain name`);
    this.push({ kind: 'storage', dtype: type.dtype, key, length });
  }

  reduce(): void {
    const [callee, args] = this.#take(2);
    if (!isKind(callee, 'callable') || !isKind(args, 'tuple')) throw this.#error(`calls ${describe(callee!)}: refused`);
    if (callee.name === 'OrderedDict') {
      if (args.items.length > 0) throw this.#error('calls OrderedDict with arguments');
      this.push({ kind: 'dictionary', items: new Map(), ordered: true });
    } else if (callee.name === 'rebuildTensor') {
      this.push(this.#tensor(args.items));
    } else {
      const tensor = args.items[0];
      if (tensor === undefined || !isKind(tensor, 'tensor'))
        throw this.#error('makes a parameter of other than a tensor');
      this.push(tensor);
    }
  }

  #tensor([storage, offset, shape, strides]: readonly Value[]): PickledTensor {
    const sizes = isKind(shape, 'tuple') ? shape.items : [];
    const steps = isKind(strides, 'tuple') ? strides.items : [];
    if (
      !isKind(storage, 'storage') ||
      !isSize(offset) ||
      !isKind(shape, 'tuple') ||
      !sizes.every(isSize) ||
      !steps.every(isSize) ||
      steps.length !== sizes.length
    ) {
      throw this.#error('the arguments of a tensor are not a storage, an offset, a shape and strides');
    }
    const isEmpty = sizes.includes(0);
    const last = sizes.reduce((reach, size, i) => reach + (size - 1) * steps[i]!, offset);
    if (!isEmpty && !(last < storage.length))
      throw this.#error(
        `a tensor of shape [${sizes.join(', ')}] reaches element ${last} of a storage of ${storage.length}`,
      );
    return {
      kind: 'tensor',
      dtype: storage.dtype,
      storage: storage.key,
      storageLength: storage.length,
      offset,
      shape: sizes,
      strides: steps,
    };
  }

  uint8(): number {
    return this.#byte();
  }

  uint16(): number {
    return this.#view.getUint16(this.#skip(2), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#skip(4), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#skip(4), true);
  }

  float64(): number {
    return this.#view.getFloat64(this.#skip(8), false);
  }

  /** A two's-complement integer of so many bytes, at most 8. */
  integer(length: number): number {
    if (length > 8) throw this.#error(`an integer of ${length} bytes: expected at most 8`);
    const start = this.#skip(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.#bytes[start + i]!);
    const signed = BigInt.asIntN(8 * length, value);
    const number = Number(signed);
    if (!Number.isSafeInteger(number)) throw this.#error(`the integer ${signed} is too large`);
    return number;
  }

  text(length: number): string {
    const start = this.#skip(length);
    return new TextDecoder('utf-8').decode(this.#bytes.subarray(start, start + length));
  }

  length64(): number {
    const length = this.#view.getBigUint64(this.#skip(8), true);
    if (length > BigInt(this.#bytes.length))
      throw this.#error(`a string of ${length} bytes in a pickle of ${this.#bytes.length}`);
    return Number(length);
  }

  skipFrame(): void {
    this.#skip(8);
  }

  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) throw this.#error('ends within a name');
    const start = this.#skip(end + 1 - this.#at);
    return new TextDecoder('utf-8').decode(this.#bytes.subarray(start, end));
  }

  #byte(): number {
    return this.#bytes[this.#skip(1)]!;
  }

  /** Where the next `count` bytes begin, now passed. */
  #skip(count: number): number {
    const start = this.#at;
    if (start + count > this.#bytes.length)
      throw new Error(`pickle: ends at byte ${this.#bytes.length}, within an opcode or before STOP: it is cut short`);
    this.#at += count;
    return start;
  }

  #top(): Value {
    const value = this.#stack.at(-1);
    if (value === undefined || this.#stack.length <= (this.#marks.at(-1) ?? 0)) throw this.#error('the stack is empty');
    return value;
  }

  #pop(): Value {
    const value = this.#top();
    this.#stack.pop();
    return value;
  }

  #take(count: number): Value[] {
    if (this.#stack.length - (this.#marks.at(-1) ?? 0) < count) throw this.#error('the stack is empty');
    return this.#stack.splice(this.#stack.length - count);
  }

  #popMark(): Value[] {
    const height = this.#marks.pop();
    if (height === undefined) throw this.#error('there is no mark');
    return this.#stack.splice(height);
  }

  #error(what: string): Error {
    return new Error(`pickle: byte ${this.#at}: ${what}`);
  }
}

function isKind<K extends Extract<Value, { kind: string }>['kind']>(
  value: Value | undefined,
  kind: K,
): value is Extract<Value, { kind: K }> {
  return typeof value === 'object' && value !== null && value.kind === kind;
}

function isSize(value: Value | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function describe(value: Value): string {
  if (value === null) return 'None';
  if (typeof value !== 'object') return typeof value === 'string' ? quoted(value) : String(value);
  return `a ${value.kind}`;
}
