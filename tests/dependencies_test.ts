/** What the lab depends on is listed with a reason, and no package's install script runs unasked. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import listed from "../scripts/dependencies.json" with { type: "json" };
import configuration from "../deno.json" with { type: "json" };
import packageConfiguration from "../model/backends/tensorflow/package/deno.json" with {
  type: "json",
};
import { test } from "./lib/needs.ts";

const root = new URL("../", import.meta.url);

/** What is told of a package. */
interface Listed {
  license: string;
  reason: string;
  /** What becomes of its install script, if it has one. */
  installScript?: string;
}

/** A lock file, as far as it is looked at. */
interface Lock {
  specifiers: Record<string, string>;
  npm: Record<string, { scripts?: boolean }>;
  workspace: { dependencies: string[] };
}

const lists: Record<string, Record<string, Listed>> = listed;

async function readLock(path: string): Promise<Lock> {
  return JSON.parse(await Deno.readTextFile(new URL(path, root)));
}

const directOf = ({ specifiers, workspace }: Lock) =>
  new Set([...Object.keys(specifiers), ...workspace.dependencies]);

/** Packages with install scripts, as specifiers: `core-js@3.29.1_peer@1.0.0` is npm:core-js@3.29.1. */
const scriptedOf = ({ npm }: Lock) =>
  Object.keys(npm).filter((name) => npm[name].scripts)
    .map((name) => `npm:${name.replace(/(?<=.@[^@_]*)_.*$/, "")}`);

test("every direct dependency in a lock is listed, and no other", ["read"], async () => {
  const common = directOf(await readLock("deno.lock"));
  for (const [path, list] of Object.entries(lists)) {
    const lock = await readLock(path);
    const direct = [...directOf(lock)].filter((name) => path === "deno.lock" || !common.has(name));
    const onlyForScripts = Object.keys(list).filter((name) =>
      list[name].installScript && !direct.includes(name)
    );
    assertEquals([...direct, ...onlyForScripts].sort(), Object.keys(list).sort(), path);
    for (const { license, reason } of Object.values(list)) {
      assertMatch(license, /^[A-Z][\w.-]+$/);
      assert(reason.length > 10);
    }
  }
});

test("every lock file is listed", ["read"], async () => {
  assertEquals((await locksIn("")).sort(), Object.keys(lists).sort());
});

test(
  "packages with install scripts are known, and none is allowed to run one",
  ["read"],
  async () => {
    for (const [path, list] of Object.entries(lists)) {
      const told = Object.keys(list).filter((name) => list[name].installScript);
      assertEquals(scriptedOf(await readLock(path)).sort(), told.sort(), path);
    }
    // Deno runs none unless a configuration or a command allows it.
    for (const config of [configuration, packageConfiguration] as object[]) {
      assertEquals("allowScripts" in config, false);
    }
    const allowing = await filesWith(/--allow-scripts/, ["scripts", "model", ".ci", ".github"]);
    assertEquals(allowing, ["scripts/lib/tensorflow/sources.ts"]);
    const tasks = Object.values(configuration.tasks).map(({ command }) => command);
    assertEquals(tasks.filter((command) => command.includes("--allow-scripts")), []);
  },
);

async function locksIn(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, root))) {
    const isOurs = !/^(\.|node_modules|results|exercises)/.test(name);
    if (isDirectory && isOurs) found.push(...await locksIn(`${folder}${name}/`));
    else if (name === "deno.lock") found.push(folder + name);
  }
  return found;
}

async function filesWith(pattern: RegExp, folders: string[]): Promise<string[]> {
  const found: string[] = [];
  for (const folder of folders) {
    for await (const { name, isDirectory } of Deno.readDir(new URL(`${folder}/`, root))) {
      const path = `${folder}/${name}`;
      if (isDirectory) found.push(...await filesWith(pattern, [path]));
      else if (pattern.test(await Deno.readTextFile(new URL(path, root)))) found.push(path);
    }
  }
  return found;
}
