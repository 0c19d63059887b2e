/** Tests of the attacks, in torture/torture.ts, where fast-check may be fetched. @module */
import { suite } from "./lib/needs.ts";

await suite(
  "the attacks",
  ["read", "write", "run"],
  new URL("torture/torture.ts", import.meta.url),
);
