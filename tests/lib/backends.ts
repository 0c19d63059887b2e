/** The backends that are present here; a missing one is named with its reason. @module */
import * as tf from "@hugo-lab/model/tf";
import { assertEquals } from "@std/assert";
import { type BackendName, backendNames, findWebGpu, useBackend, UserError } from "@hugo-lab/model";
import { missingOf, type Need } from "./needs.ts";

/**
 * Registers a test on every backend that is present, and asserts that it runs on that one.
 *
 * @param backends those on which it is to run
 */
export async function testOnBackends(
  name: string,
  fn: (backend: BackendName) => Promise<void>,
  needs: Need[] = [],
  backends: readonly BackendName[] = backendNames,
): Promise<void> {
  const missing = missingOf(needs);
  if (missing) console.log(`skipped: ${name}: ${missing}`);
  for (const backend of backends) {
    const reason = await whyAbsent(backend) ?? missing;
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

/** The backends that are packages of their own. */
const packaged: BackendName[] = ["wasm", "webgpu"];
const absent = new Map<BackendName, string | undefined>();

async function whyAbsent(backend: BackendName): Promise<string | undefined> {
  if (!absent.has(backend)) {
    try {
      const missing = packaged.includes(backend) && missingOf(["packages"]);
      if (missing) throw new UserError(missing);
      await useBackend(backend);
      const isSlow = backend === "webgpu" && (await findWebGpu())?.isSoftware;
      if (isSlow && !Deno.args.includes("--software")) {
        throw new UserError("on a software adapter they take minutes: deno task test:webgpu");
      }
      absent.set(backend, undefined);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      absent.set(backend, error.message);
      console.log(`skipped: every test on ${backend}: ${error.message}`);
    }
  }
  return absent.get(backend);
}
