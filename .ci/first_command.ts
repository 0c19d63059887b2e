/**
 * Runs the README's first command on an empty cache, and fails if it puts too much on the disk or
 * fetches a package that it does not load (itself, or for one that it loads).
 *
 *     deno run --allow-read --allow-write --allow-run --allow-env .ci/first_command.ts
 *
 * @module
 */
const LIMIT_MB = 80;
const ENTRY = "scripts/multi_head.ts";

interface Dependency {
  specifier: string;
  isDynamic?: boolean;
  code?: { specifier: string };
  npmPackage?: string;
}
interface ModuleGraph {
  roots: string[];
  modules: { specifier: string; dependencies?: Dependency[]; npmPackage?: string }[];
  redirects: Record<string, string>;
  npmPackages: Record<string, { name: string; dependencies: string[] }>;
}

async function output(args: string[], env: Record<string, string> = {}): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command("deno", { args, env }).output();
  if (code === 0) return new TextDecoder().decode(stdout);
  throw new Error(`deno ${args.join(" ")} failed: ${new TextDecoder().decode(stderr)}`);
}

/** The packages that the entry loads without being asked for more, and all that these depend on. */
function loadedPackages({ roots, modules, redirects, npmPackages }: ModuleGraph): Set<string> {
  const bySpecifier = new Map(modules.map((module) => [module.specifier, module]));
  const waiting = [...roots];
  const seen = new Set(waiting);
  const ids: string[] = [];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const found = bySpecifier.get(next);
    if (found?.npmPackage) ids.push(found.npmPackage);
    for (const { isDynamic, code } of found?.dependencies ?? []) {
      const specifier = code && (redirects[code.specifier] ?? code.specifier);
      if (isDynamic || !specifier || seen.has(specifier)) continue;
      seen.add(specifier);
      waiting.push(specifier);
    }
  }
  const names = new Set<string>();
  for (let id = ids.pop(); id; id = ids.pop()) {
    const { name, dependencies } = npmPackages[id];
    if (names.has(name)) continue;
    names.add(name);
    ids.push(...dependencies);
  }
  return names;
}

/** The packages in a cache: one folder a package, one more level where the name has a scope. */
function fetchedPackages(cache: string): Set<string> {
  const names = new Set<string>();
  const [registry] = [...Deno.readDirSync(`${cache}/npm`)].filter(({ isDirectory }) => isDirectory);
  const root = `${cache}/npm/${registry.name}`;
  for (const { name } of Deno.readDirSync(root)) {
    if (!name.startsWith("@")) names.add(name);
    else for (const part of Deno.readDirSync(`${root}/${name}`)) names.add(`${name}/${part.name}`);
  }
  return names;
}

/** Megabytes that a folder takes on the disk. */
function sizeOf(folder: string): number {
  let bytes = 0;
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = `${folder}/${name}`;
    const { blocks, size } = Deno.statSync(path);
    bytes += isDirectory ? sizeOf(path) * 1e6 : blocks === null ? size : blocks * 512;
  }
  return bytes / 1e6;
}

const cache = await Deno.makeTempDir();
const results = await Deno.makeTempDir();
try {
  const args = ["task", "multi_head", "--iters", "1", "--eval-iters", "1", "--results", results];
  await output(args, { DENO_DIR: cache });
  const size = sizeOf(cache);
  const fetched = fetchedPackages(cache);
  const loaded = loadedPackages(JSON.parse(await output(["info", "--json", ENTRY])));
  const idle = [...fetched].filter((name) => !loaded.has(name));
  console.log(`the first command put ${size.toFixed(0)} MB on the disk, ${fetched.size} packages`);
  if (size > LIMIT_MB) console.log(`wrong: more than ${LIMIT_MB} MB`);
  if (idle.length > 0) console.log(`wrong: fetched, but not loaded: ${idle.join(", ")}`);
  if (size > LIMIT_MB || idle.length > 0) Deno.exitCode = 1;
} finally {
  for (const folder of [cache, results]) await Deno.remove(folder, { recursive: true });
}
