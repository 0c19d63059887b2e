/**
 * The report, where it may be tested. The tests are in report/report.ts, which this file alone loads
 * and only then: by an address that Deno does not read beforehand, else every `deno test` would fetch
 * what draws the report.
 */
import { missingOf } from "./lib/needs.ts";

const missing = missingOf(["read", "write", "run", "packages"]);
if (missing) {
  const name = "the report";
  console.log(`skipped: ${name}: ${missing}`);
  Deno.test({ name, ignore: true, fn: () => {} });
} else {
  await import(new URL("report/report.ts", import.meta.url).href);
}
