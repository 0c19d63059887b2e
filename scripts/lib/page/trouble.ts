/**
 * What went wrong, in facts: the worker tells them, and the page says them in its language.
 *
 * @module
 */
import type { Facts } from "@hugo-lab/model";
import type { Field } from "./texts/texts.ts";

/** What went wrong: what the model module says in facts, and what is the page's own. */
export type Trouble =
  | Facts
  | { kind: "heads" | "no run" }
  | { kind: "range"; field: Field; low: number; high: number }
  | { kind: "large file"; limit: number } // GiB
  | { kind: "browser" | "other"; message: string };

/** Whether it is trouble that the worker has told. */
export function isTrouble(error: unknown): error is Trouble {
  return typeof error === "object" && error !== null && !(error instanceof Error) &&
    "kind" in error;
}
