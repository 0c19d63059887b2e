/**
 * The report in a real browser without a window, where there is one. The tests are in
 * report_in_browser.ts, which this file alone loads and only then: by an address that Deno does not
 * read beforehand, else every `deno test` would fetch what drives a browser.
 */
import { missingOf } from "../lib/needs.ts";

const missing = missingOf(["read", "write", "run", "packages", "chromium"]);
if (missing) {
  const name = "the report in Chromium";
  console.log(`skipped: ${name}: ${missing}`);
  Deno.test({ name, ignore: true, fn: () => {} });
} else {
  await import(new URL("report_in_browser.ts", import.meta.url).href);
}
