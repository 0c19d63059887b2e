/** The report's tests, in report/report.ts, where what draws it may be fetched. @module */
import { suite } from "./lib/needs.ts";

await suite(
  "the report",
  ["read", "write", "run"],
  new URL("report/report.ts", import.meta.url),
);
