/** Builds graphs of ONNX operators and encodes them as the ModelProto that ONNX Runtime loads. */
import { ProtobufWriter } from './protobuf.ts';

/** The operator set whose definitions the graphs use, and the file format that goes with it. */
const operatorSet = 20;
const formatVersion = 9;

const elementTypes = { float32: 1, int64: 7 } as const;
type ElementType = keyof typeof elementTypes;

/** Name of a tensor within a graph. */
export type Value = string & { readonly __value: true };

/** A number is an integer where the operator's attribute is one: give floats as `{ float }`. */
export type Attribute = number | readonly number[] | string | { readonly float: number };

/** How weights come into a graph: as inputs of every run, or as initializers whose bytes lie outside of the model. */
export type WeightBinding = 'inputs' | 'initializers';

export class OnnxGraph {
  /** By name: their shapes. */
  readonly weights = new Map<string, readonly number[]>();
  readonly #nodes: ProtobufWriter[] = [];
  readonly #inputs: ProtobufWriter[] = [];
  readonly #outputs: ProtobufWriter[] = [];
  readonly #constants = new Map<string, ProtobufWriter>();
  #values = 0;

  input(name: string, type: ElementType, rank: number): Value {
    this.#inputs.push(
      valueInfo(
        name,
        type,
        Array.from({ length: rank }, (_, axis) => `${name}.${axis}`),
      ),
    );
    return name as Value;
  }

  /** Single precision, row-major. */
  weight(name: string, shape: readonly number[]): Value {
    this.weights.set(name, shape);
    return name as Value;
  }

  output(name: string, value: Value, type: ElementType, rank: number): void {
    this.#nodes.push(node('Identity', [value], [name], {}));
    this.#outputs.push(
      valueInfo(
        name,
        type,
        Array.from({ length: rank }, (_, axis) => `${name}.${axis}`),
      ),
    );
  }

  /** A constant of 64-bit integers: a shape, axes, bounds. Rank 1. */
  integers(...values: readonly number[]): Value {
    return this.#constant(
      'int64',
      [values.length],
      new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
      `i:${values.join(',')}`,
    );
  }

  /** A constant number, rank 0. */
  scalar(value: number): Value {
    return this.#constant('float32', [], new Uint8Array(Float32Array.of(value).buffer), `f:${value}`);
  }

  /** A constant tensor. */
  constant(shape: readonly number[], data: Float32Array): Value {
    return this.#constant(
      'float32',
      shape,
      new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
      `t:${this.#constants.size}`,
    );
  }

  /** The only result of an operator. An input that is left out is ''. */
  apply(
    operator: string,
    inputs: readonly (Value | '')[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value {
    return this.applyMany(operator, inputs, 1, attributes)[0]!;
  }

  applyMany(
    operator: string,
    inputs: readonly (Value | '')[],
    results: number,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value[] {
    const values = Array.from({ length: results }, () => `v${this.#values++}` as Value);
    this.#nodes.push(node(operator, inputs, values, attributes));
    return values;
  }

  /** The ModelProto. An initializer's bytes are found under its own name as location. */
  encode(binding: WeightBinding): Uint8Array {
    const graph = new ProtobufWriter();
    for (const item of this.#nodes) graph.bytes(1, item);
    graph.bytes(2, 'graph');
    for (const item of this.#constants.values()) graph.bytes(5, item);
    for (const [name, shape] of this.weights) {
      if (binding === 'inputs') graph.bytes(11, valueInfo(name, 'float32', shape));
      else graph.bytes(5, externalTensor(name, shape));
    }
    for (const item of this.#inputs) graph.bytes(11, item);
    for (const item of this.#outputs) graph.bytes(12, item);
    const operators = new ProtobufWriter().bytes(1, '').integer(2, operatorSet);
    return new ProtobufWriter().integer(1, formatVersion).bytes(7, graph).bytes(8, operators).finish();
  }

  #constant(type: ElementType, shape: readonly number[], data: Uint8Array, key: string): Value {
    const name = `c:${key}`;
    if (!this.#constants.has(name)) {
      const tensor = new ProtobufWriter();
      for (const size of shape) tensor.integer(1, size);
      this.#constants.set(name, tensor.integer(2, elementTypes[type]).bytes(8, name).bytes(9, data));
    }
    return name as Value;
  }
}

/** A dimension is its size, or a name of its own where it is open. */
function valueInfo(name: string, type: ElementType, dimensions: readonly (number | string)[]): ProtobufWriter {
  const shape = new ProtobufWriter();
  for (const size of dimensions)
    shape.bytes(
      1,
      typeof size === 'number' ? new ProtobufWriter().integer(1, size) : new ProtobufWriter().bytes(2, size),
    );
  const tensor = new ProtobufWriter().integer(1, elementTypes[type]).bytes(2, shape);
  return new ProtobufWriter().bytes(1, name).bytes(2, new ProtobufWriter().bytes(1, tensor));
}

function externalTensor(name: string, shape: readonly number[]): ProtobufWriter {
  const tensor = new ProtobufWriter();
  for (const size of shape) tensor.integer(1, size);
  const entry = (key: string, value: string) => new ProtobufWriter().bytes(1, key).bytes(2, value);
  const length = 4 * shape.reduce((product, size) => product * size, 1);
  return tensor
    .integer(2, elementTypes.float32)
    .bytes(8, name)
    .bytes(13, entry('location', name))
    .bytes(13, entry('length', `${length}`))
    .integer(14, 1);
}

function node(
  operator: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, Attribute>>,
): ProtobufWriter {
  const writer = new ProtobufWriter();
  for (const name of inputs) writer.bytes(1, name);
  for (const name of outputs) writer.bytes(2, name);
  writer.bytes(4, operator);
  for (const [name, value] of Object.entries(attributes)) writer.bytes(5, attribute(name, value));
  return writer;
}

function attribute(name: string, value: Attribute): ProtobufWriter {
  const writer = new ProtobufWriter().bytes(1, name);
  if (typeof value === 'number') return writer.integer(3, value).integer(20, 2);
  if (typeof value === 'string') return writer.bytes(4, value).integer(20, 3);
  if ('float' in value) return writer.float(2, value.float).integer(20, 1);
  for (const item of value) writer.integer(8, item);
  return writer.integer(20, 7);
}
