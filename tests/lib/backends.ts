/** The backends that are present here; a missing one is named with its reason. @module */
import * as tf from "@tensorflow/tfjs";
import { assertEquals } from "@std/assert";
import { type BackendName, backendNames, useBackend, UserError } from "@hugo-lab/model";

/** Registers a test on every backend that is present, and asserts that it runs on that one. */
export async function testOnBackends(
  name: string,
  fn: (backend: BackendName) => Promise<void>,
): Promise<void> {
  for (const backend of backendNames) {
    const reason = await whyAbsent(backend);
    if (reason) console.log(`skipped: ${name} on ${backend}: ${reason}`);
    Deno.test({
      name: `${name} on ${backend}`,
      ignore: reason !== undefined,
      sanitizeResources: false,
      sanitizeOps: false,
      fn: async () => {
        await useBackend(backend);
        assertEquals(tf.getBackend(), backend);
        await fn(backend);
      },
    });
  }
}

const absent = new Map<BackendName, string | undefined>();

async function whyAbsent(backend: BackendName): Promise<string | undefined> {
  if (!absent.has(backend)) {
    try {
      await useBackend(backend);
      absent.set(backend, undefined);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      absent.set(backend, error.message);
    }
  }
  return absent.get(backend);
}
