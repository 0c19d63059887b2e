/** What a student handed in, copied to a place of its own. @module */
import type { ExerciseName } from "./catalogue.ts";

/** Folders within folders, files and bytes beyond which nobody writes these exercises. */
const [DEEPEST, MOST_FILES, MOST_BYTES] = [4, 200, 1 << 20];

/**
 * Copies a student's TypeScript files, no links: what a link leads to may be another student's.
 *
 * @returns the exercises' files in the copy: those nearest to the top
 */
export async function copyStudent(
  from: string,
  to: string,
  names: readonly ExerciseName[],
): Promise<{ name: ExerciseName; path: string }[]> {
  const files: string[] = [];
  await collect(from, "", files);
  for (const file of files) {
    await Deno.mkdir(`${to}/${file}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.copyFile(`${from}/${file}`, `${to}/${file}`);
  }
  return names.flatMap((name) => {
    const file = files.find((file) => `/${file}`.endsWith(`/${name}.ts`));
    return file === undefined ? [] : [{ name, path: `${to}/${file}` }];
  });
}

/** Every file below, those of a folder before those of the folders in it. */
async function collect(root: string, folder: string, files: string[], depth = 0): Promise<void> {
  const folders: string[] = [];
  const entries = await Array.fromAsync(Deno.readDir(`${root}/${folder}`));
  for (const { name, isFile, isDirectory } of entries.sort((a, b) => a.name < b.name ? -1 : 1)) {
    if (isDirectory && !/^\.|^node_modules$/.test(name)) folders.push(`${folder}${name}/`);
    if (!isFile || !name.endsWith(".ts") || files.length >= MOST_FILES) continue;
    const { size } = await Deno.lstat(`${root}/${folder}${name}`);
    if (size <= MOST_BYTES) files.push(`${folder}${name}`);
  }
  if (depth === DEEPEST) return;
  for (const one of folders) await collect(root, one, files, depth + 1);
}
