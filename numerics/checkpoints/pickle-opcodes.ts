import type { PickleReader } from './pickle.ts';

/** What a reader does for each opcode that it knows; it reads the operands itself. */
export const opcodes: Readonly<Record<number, (reader: PickleReader) => void>> = {
  0x80: (r) => r.protocol(),
  0x95: (r) => r.skipFrame(),
  0x28: (r) => r.mark(),
  0x29: (r) => r.push({ kind: 'tuple', items: [] }),
  0x74: (r) => r.tuple(),
  0x85: (r) => r.tuple(1),
  0x86: (r) => r.tuple(2),
  0x87: (r) => r.tuple(3),
  0x5d: (r) => r.push({ kind: 'list', items: [] }),
  0x61: (r) => r.append(1),
  0x65: (r) => r.append(),
  0x7d: (r) => r.push({ kind: 'dictionary', items: new Map(), ordered: false }),
  0x73: (r) => r.setItems(2),
  0x75: (r) => r.setItems(),
  0x4e: (r) => r.push(null),
  0x88: (r) => r.push(true),
  0x89: (r) => r.push(false),
  0x4b: (r) => r.push(r.uint8()),
  0x4d: (r) => r.push(r.uint16()),
  0x4a: (r) => r.push(r.int32()),
  0x8a: (r) => r.push(r.integer(r.uint8())),
  0x47: (r) => r.push(r.float64()),
  0x58: (r) => r.push(r.text(r.uint32())),
  0x8c: (r) => r.push(r.text(r.uint8())),
  0x8d: (r) => r.push(r.text(r.length64())),
  0x71: (r) => r.put(r.uint8()),
  0x72: (r) => r.put(r.uint32()),
  0x94: (r) => r.memoize(),
  0x68: (r) => r.get(r.uint8()),
  0x6a: (r) => r.get(r.uint32()),
  0x63: (r) => r.global(),
  0x93: (r) => r.stackGlobal(),
  0x51: (r) => r.persistentId(),
  0x52: (r) => r.reduce(),
  0x62: (r) => r.build(),
};

/** Opcodes that could import, call or look up something, by name, for messages. */
export const forbidden: Readonly<Record<number, string>> = {
  0x69: 'INST', 0x6f: 'OBJ', 0x81: 'NEWOBJ', 0x92: 'NEWOBJ_EX', 0x50: 'PERSID', 0x82: 'EXT1', 0x83: 'EXT2', 0x84: 'EXT4', 0x97: 'NEXT_BUFFER',
};
