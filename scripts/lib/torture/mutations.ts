/**
 * Ways in which a file is damaged or altered. Each is described by a name and three numbers from 0
 * to 1, so that a damage can be made smaller.
 *
 * @module
 */
import { parse, stringify } from "@std/csv";
import { decodeSafetensors, encodeSafetensors, type TensorFile } from "@hugo-lab/model";

/** Where and how much. */
export type Numbers = [number, number, number];

/** Alters a file's bytes; gives nothing where there is nothing to alter. */
export type Mutation = (bytes: Uint8Array, numbers: Numbers) => Uint8Array | undefined;

const PREFIX = 8;
const at = (share: number, length: number) => Math.min(length - 1, Math.floor(share * length));
const headerLength = (bytes: Uint8Array) =>
  PREFIX + Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));

function flip(bytes: Uint8Array, index: number, bit: number): Uint8Array {
  const altered = bytes.slice();
  altered[index] ^= 1 << bit;
  return altered;
}

/** Alters what a file holds, its checksum left as it is. */
function alter(
  bytes: Uint8Array,
  change: (file: TensorFile, names: string[]) => boolean,
): Uint8Array | undefined {
  const file = decodeSafetensors(bytes);
  return change(file, [...file.tensors.keys()].sort())
    ? encodeSafetensors(file.tensors, file.metadata)
    : undefined;
}

/** Of safetensors files. */
export const tensorMutations: Record<string, Mutation> = {
  "a bit of the header flips": (bytes, [a, b]) => flip(bytes, at(a, headerLength(bytes)), at(b, 8)),
  "a bit of the numbers flips": (bytes, [a, b]) => {
    const start = headerLength(bytes);
    return flip(bytes, start + at(a, bytes.length - start), at(b, 8));
  },
  "the end is cut off": (bytes, [a]) => bytes.slice(0, at(a, bytes.length)),
  "bytes are added": (bytes, [a]) => {
    const longer = new Uint8Array(bytes.length + 1 + at(a, 100));
    longer.set(bytes);
    return longer;
  },
  "a block is zeroed": (bytes, [a, b]) => {
    const from = at(a, bytes.length);
    return bytes.slice().fill(0, from, from + 4 + at(b, 4096));
  },
  "two tensors are exchanged": (bytes, [a, b]) =>
    alter(bytes, ({ tensors }, names) => {
      const first = names[at(a, names.length)];
      const { shape, data } = tensors.get(first)!;
      const alike = names.filter((name) => {
        const other = tensors.get(name)!;
        return name !== first && String(other.shape) === String(shape) &&
          other.data.constructor === data.constructor;
      });
      if (alike.length === 0) return false;
      const second = alike[at(b, alike.length)];
      const moved = tensors.get(second)!;
      tensors.set(first, moved).set(second, { shape, data });
      return true;
    }),
  "a number is none": (bytes, [a, b, c]) =>
    alter(bytes, ({ tensors }, names) => {
      const { data } = tensors.get(names[at(a, names.length)])!;
      data[at(b, data.length)] = [NaN, Infinity, -Infinity, 1e30][at(c, 4)];
      return true;
    }),
  "the header is huge": (bytes, [a]) => {
    const altered = bytes.slice();
    const length = [2n ** 63n, 2n ** 40n, 2n ** 32n - 1n, 2n ** 24n, BigInt(bytes.length)];
    new DataView(altered.buffer).setBigUint64(0, length[at(a, length.length)], true);
    return altered;
  },
  "a character is there twice": (bytes, [a, b]) =>
    alter(bytes, ({ metadata }) => {
      const vocabulary = JSON.parse(metadata.vocabulary);
      const [from, to] = [at(a, vocabulary.length), at(b, vocabulary.length)];
      vocabulary[to] = vocabulary[from];
      metadata.vocabulary = JSON.stringify(vocabulary);
      return from !== to;
    }),
  "two characters are exchanged": (bytes, [a, b]) =>
    alter(bytes, ({ metadata }) => {
      const vocabulary = JSON.parse(metadata.vocabulary);
      const [from, to] = [at(a, vocabulary.length), at(b, vocabulary.length)];
      [vocabulary[to], vocabulary[from]] = [vocabulary[from], vocabulary[to]];
      metadata.vocabulary = JSON.stringify(vocabulary);
      return from !== to;
    }),
  "it says that it is of another stage": (bytes) =>
    alter(bytes, ({ metadata }) => {
      metadata.stage = metadata.stage === "bigram" ? "blocks" : "bigram";
      return true;
    }),
  "something it tells is missing, and a number altered": (bytes, [a, b, c]) =>
    alter(bytes, ({ metadata, tensors }, names) => {
      const keys = Object.keys(metadata);
      delete metadata[keys[at(a, keys.length)]];
      const { data } = tensors.get(names[at(b, names.length)])!;
      data[at(c, data.length)] += 1;
      return true;
    }),
};

type Rows = string[][];

/** Alters a CSV file's rows, the first of which is the header. */
function alterRows(bytes: Uint8Array, change: (rows: Rows) => Rows | undefined) {
  const rows = change(parse(new TextDecoder().decode(bytes)));
  return rows && new TextEncoder().encode(stringify(rows));
}

/** Of CSV files. */
export const csvMutations: Record<string, Mutation> = {
  "it ends within a row": (bytes, [a]) => {
    const end = 1 + at(a, bytes.length - 1);
    return bytes[end - 1] === 10 ? undefined : bytes.slice(0, end);
  },
  "a quote is open": (bytes, [a]) => {
    const text = new TextDecoder().decode(bytes);
    const starts = [...text.matchAll(/(?<=[,\n])(?=[^",\n])/g)].map(({ index }) => index);
    const start = starts[at(a, starts.length)];
    return new TextEncoder().encode(`${text.slice(0, start)}"${text.slice(start)}`);
  },
  "its rows are reversed": (bytes) =>
    alterRows(
      bytes,
      ([header, ...rows]) => rows.length > 1 ? [header, ...rows.reverse()] : undefined,
    ),
  "a row is there twice": (bytes, [a, b]) =>
    alterRows(bytes, ([header, ...rows]) => {
      rows.splice(at(b, rows.length + 1), 0, rows[at(a, rows.length)]);
      return [header, ...rows];
    }),
  "two columns have each other's name": (bytes, [a]) =>
    alterRows(bytes, ([header, ...rows]) => {
      const first = at(a, header.length - 1);
      [header[first], header[first + 1]] = [header[first + 1], header[first]];
      return [header, ...rows];
    }),
  "a column has another name": (bytes, [a]) =>
    alterRows(bytes, ([header, ...rows]) => [header.with(at(a, header.length), "other"), ...rows]),
  "a column is gone": (bytes, [a]) =>
    alterRows(bytes, (rows) => rows.map((row) => row.toSpliced(at(a, row.length), 1))),
  "a row has a cell more": (bytes, [a]) =>
    alterRows(bytes, (rows) => {
      rows[1 + at(a, rows.length - 1)].push("1");
      return rows;
    }),
  "a row has a cell less": (bytes, [a]) =>
    alterRows(bytes, (rows) => {
      rows[1 + at(a, rows.length - 1)].pop();
      return rows;
    }),
  "half a number": (bytes, [a, b]) =>
    alterRows(bytes, ([header, ...rows]) => {
      const row = rows[at(a, rows.length)];
      const decimals = row.flatMap((cell, i) => /^\d+\.\d+$/.test(cell) ? [i] : []);
      if (decimals.length === 0) return undefined;
      const cell = decimals[at(b, decimals.length)];
      row[cell] = row[cell].slice(0, -2);
      return [header, ...rows];
    }),
  "a bit flips to what is no text": (bytes, [a]) => flip(bytes, at(a, bytes.length), 7),
};
