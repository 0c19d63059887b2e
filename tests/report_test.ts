/**
 * Loads the tests of the report, whose packages are not among those that every command downloads:
 * plain `deno test` leaves them alone, `deno task test` has them.
 *
 * @module
 */
import { missingOf } from "./lib/needs.ts";

const missing = missingOf(["read", "write", "run"]);
const suite = new URL("./report/report.ts", import.meta.url);
if (!missing) await import(suite.href); // no literal, which would be downloaded for all the same
else console.log(`skipped: every test of the report: ${missing}: deno task test`);
console.log("skipped: the report in Chromium: it is tested by deno task test:browser");
