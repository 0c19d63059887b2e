/**
 * The page in real browsers without a window, where there are any. The tests are in
 * page_in_browser.ts, which this file alone loads and only then: by an address that Deno does not
 * read beforehand, else every `deno test` would fetch what drives a browser.
 */
import { missingOf } from "../lib/needs.ts";

const missing = missingOf(["read", "write", "run", "packages", "chromium"]);
if (missing) {
  const name = "the page in Chromium and Firefox";
  console.log(`skipped: ${name}: ${missing}`);
  Deno.test({ name, ignore: true, fn: () => {} });
} else {
  await import(new URL("page_in_browser.ts", import.meta.url).href);
}
