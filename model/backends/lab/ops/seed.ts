/**
 * Seeds for kernels that draw.
 *
 * @module
 */
import type { Generator } from "../../../random.ts";
import type { Buffer } from "../capture/trace.ts";
import type { Device } from "./operation.ts";

/** A word with the seed of a new stream, drawn each time the step runs. */
export function seedFrom(device: Device, generator: Generator): Buffer {
  return device.hostWritten(4, (address) => {
    device.engine.allInts[address / 4] = generator.streamSeed();
  });
}
