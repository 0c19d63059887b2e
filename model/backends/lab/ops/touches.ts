/**
 * Which memory a share of a kernel's work reads and writes: where threads must wait for each other
 * follows from it.
 *
 * @module
 */
import type { Argument } from "../capture/trace.ts";

/** A share of a call's work, its units from `begin` to `end`, and one of the call's buffers. */
export interface Share {
  /** The buffer's size. */
  bytes: number;
  /** The call's arguments. */
  args: Record<string, Argument>;
  /** The first unit. */
  begin: number;
  /** The unit after the last. */
  end: number;
}

/** The part of a buffer that a share touches, in bytes from its start. */
export type Extent = (share: Share) => [from: number, to: number];

/** Which part of a buffer a share touches, and whether it writes there. */
export interface Access {
  /** The part. */
  extent: Extent;
  /** Whether other threads must not read it at the same time. */
  writes: boolean;
}

/** It only reads there. */
export const reads = (extent: Extent): Access => ({ extent, writes: false });
/** It writes there, and may read there too. */
export const writes = (extent: Extent): Access => ({ extent, writes: true });

/** All of the buffer. */
export const whole: Extent = ({ bytes }) => [0, bytes];

/** Each unit's equal share of the buffer: a row of a matrix, a number of a list. */
export const ownUnits: Extent = ({ bytes, args, begin, end }) => {
  const unit = bytes / numberOf(args.end);
  return [begin * unit, end * unit];
};

/** So many bytes a unit, the buffer's padding included. */
export const bytesAUnit = (unit: number): Extent => ({ begin, end }) => [begin * unit, end * unit];

/** A vector of four floats a unit. */
export const vectors: Extent = bytesAUnit(16);

/** The buffer has equal parts, each of as many units as this parameter says: those it comes to. */
export const parts = (unitsAPart: string): Extent => ({ bytes, args, begin, end }) => {
  const units = numberOf(args[unitsAPart]);
  const part = bytes / (numberOf(args.end) / units);
  return [Math.floor(begin / units) * part, Math.ceil(end / units) * part];
};

/** A number among a call's arguments. */
export const numberOf = (arg: Argument): number => arg as number;
