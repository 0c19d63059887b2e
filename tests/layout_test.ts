/** Which modules may import which: no arrow leads back, and none leads to the tests. */
import { assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { test } from "./lib/needs.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
/** The tasks themselves. */
const TASKS = "scripts";
/** What a folder of scripts/lib may import beside itself and the model. */
const below: Record<string, string[]> = {
  task: [],
  run: ["task"],
  study: ["task", "run"],
  report: ["task", "run", "study"],
  page: ["task", "run", "report"],
  exercise: ["task", "run"],
  bench: ["task"],
  notebook: [],
  tensorflow: ["task"],
  torture: ["task", "run", TASKS], // it attacks the tasks
};

async function* modulesIn(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(`${root}${folder}`)) {
    if (isDirectory) yield* modulesIn(`${folder}/${name}`);
    else if (name.endsWith(".ts")) yield `${folder}/${name}`;
  }
}

async function importsOf(path: string): Promise<string[]> {
  const text = await Deno.readTextFile(`${root}${path}`);
  return [...text.matchAll(/^(?:import|export|\} from).*"(\.[^"]*)"/gm)]
    .map(([, name]) => new URL(name, `file:///${path}`).pathname.slice(1));
}

test("no folder imports one above it, and nothing but tests imports tests", ["read"], async () => {
  const wrong: string[] = [];
  for (const folder of ["scripts", "model"]) {
    for await (const path of modulesIn(folder)) {
      const [, own] = /^scripts\/lib\/(\w+)\//.exec(path) ?? [];
      for (const other of await importsOf(path)) {
        const [, part] = /^scripts\/lib\/(\w+)\//.exec(other) ?? [];
        const isUp = other.startsWith("tests/") ||
          folder === "model" && other.startsWith("scripts/") ||
          own && other.startsWith("scripts/") && part !== own &&
            !below[own]?.includes(part ?? TASKS) && !/\.(ipynb|json|css)$/.test(other);
        if (isUp) wrong.push(`${path} imports ${other}`);
      }
    }
  }
  assertEquals(wrong, []);
});

test("every file of tests is one that is found by its name, or is loaded", ["read"], async () => {
  const files = await Array.fromAsync(modulesIn("tests"));
  const loaded = new Set(files.filter((path) => path.endsWith("_test.ts")));
  for (const path of loaded) { // it grows on the way
    const text = await Deno.readTextFile(`${root}${path}`);
    const names = text.matchAll(/(?:from |import |new URL\()"([^"]+\.ts)"/g);
    for (const [, name] of names) {
      const other = new URL(name, `file:///${path}`).pathname.slice(1);
      if (files.includes(other)) loaded.add(other);
    }
  }
  assertEquals(files.filter((path) => !loaded.has(path)), []);
});
