/** The report's tests, in report/, where what draws it may be fetched. @module */
import { suite } from "./lib/needs.ts";

await suite(
  "the report",
  ["read", "write", "run"],
  new URL("report/report.ts", import.meta.url),
);

await suite(
  "studies, the search and overfitting in the report",
  ["read", "write"],
  new URL("report/studies.ts", import.meta.url),
);

await suite(
  "the report to fill in",
  ["read", "write", "run"],
  new URL("report/sheet.ts", import.meta.url),
);
