/** The page in real browsers without a window, where there are any: page_in_browser.ts. @module */
import { suite } from "../lib/needs.ts";

await suite(
  "the page in Chromium and Firefox",
  ["read", "write", "run", "chromium"],
  new URL("page_in_browser.ts", import.meta.url),
);
