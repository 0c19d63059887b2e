/** The report in a real browser without a window, where there is one: report_in_browser.ts. @module */
import { suite } from "../lib/needs.ts";

await suite(
  "the report in Chromium",
  ["read", "write", "run", "chromium"],
  new URL("report_in_browser.ts", import.meta.url),
);
