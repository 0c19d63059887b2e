/**
 * Tests of the attacks, where they may run. They are in torture/torture.ts, which this file alone loads and only then: by an
 * address that Deno does not read beforehand, else every `deno test` would fetch fast-check.
 */
import { missingOf } from "./lib/needs.ts";

const missing = missingOf(["read", "write", "run", "packages"]);
if (missing) {
  const name = "the attacks";
  console.log(`skipped: ${name}: ${missing}`);
  Deno.test({ name, ignore: true, fn: () => {} });
} else {
  await import(new URL("torture/torture.ts", import.meta.url).href);
}
