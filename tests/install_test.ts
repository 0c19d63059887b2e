/** Installing TensorFlow: what it tells of a program that failed, and how it keeps one quiet. */
import { assertEquals } from "@std/assert";
import { command, reasonIn } from "../scripts/lib/tensorflow/command.ts";
import { test } from "./lib/needs.ts";

Deno.test("the reason is the line of the error, not of the script that it ended", () => {
  const text = "error: script 'install' in 'a@1.0.0' failed with exit code 1\nstderr:\n" +
    "error: Uncaught Error: getaddrinfo ENOTFOUND example.invalid\n    at somewhere";
  assertEquals(reasonIn(text), "getaddrinfo ENOTFOUND example.invalid");
  assertEquals(reasonIn("one line\nthe last"), "the last");
  assertEquals(reasonIn(""), "it gave no reason");
});

test("a program's outcome has what it said, without colours", ["run"], async () => {
  const { ok, text } = await command("deno", ["eval", "console.log('\\x1b[31mred'); Deno.exit(3)"]);
  assertEquals([ok, text], [false, "red"]);
});
