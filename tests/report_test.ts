/**
 * The report, where it may be tested. The tests are in report/, which this file alone loads and only
 * then: by an address that Deno does not read beforehand, else every `deno test` would fetch
 * what draws the report.
 */
import { missingOf } from "./lib/needs.ts";

const missing = missingOf(["read", "write", "run", "packages"]);
if (missing) {
  const name = "the report";
  console.log(`skipped: ${name}: ${missing}`);
  Deno.test({ name, ignore: true, fn: () => {} });
} else {
  for (const file of ["report", "sheet"]) {
    await import(new URL(`report/${file}.ts`, import.meta.url).href);
  }
}
