/**
 * The page as static files: bundled by `deno bundle`, with a text to learn from.
 *
 * @module
 */
import { firstLine, UserError, withLineFeeds, writeAtomically } from "@hugo-lab/model";
import styleText from "../report/style.css" with { type: "text" };
import ownStyleText from "./style.css" with { type: "text" };

const FOLDER = new URL("./", import.meta.url);
const ROOT = new URL("../../../", import.meta.url);

/** What a browser may do with the page: run its own scripts and kernels, ask its own host. */
export const policy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** The page's files by name. */
export type PageFiles = Map<string, Uint8Array>;

/** A text that the page brings besides the practice corpus. */
export interface PageText {
  name: string;
  bytes: Uint8Array;
}

/**
 * Makes the files.
 *
 * @throws {UserError} if they cannot be bundled
 */
export async function buildPage(text: PageText | undefined): Promise<PageFiles> {
  const [page, worker] = await Promise.all([
    bundle("main.tsx", "page_map.json"),
    bundle("worker.ts", "worker_map.json"),
  ]);
  const encoder = new TextEncoder();
  const style = withLineFeeds(styleText + ownStyleText);
  const files: PageFiles = new Map([
    ["index.html", encoder.encode(document(text?.name))],
    ["page.js", page],
    ["worker.js", worker],
    ["style.css", encoder.encode(style)],
  ]);
  if (text) files.set("text.txt", text.bytes);
  return files;
}

/** Writes the files into a folder. */
export async function writePage(files: PageFiles, folder: string): Promise<void> {
  for (const [name, bytes] of files) await writeAtomically(`${folder}/${name}`, bytes);
}

function document(textName: string | undefined): string {
  const text = textName === undefined ? "" : ` data-text="${escape(textName)}"`;
  return `<!doctype html>
<html lang="en"${text}>
  <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${policy}">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="style.css">
    <title>The Hugo lab</title>
    <script type="module" src="page.js"></script>
  </head>
  <body>
    <noscript>This page trains language models in the browser: it needs JavaScript.</noscript>
  </body>
</html>
`;
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (c) => `&#${c.codePointAt(0)};`);
}

/** One entry with all it needs, as a browser's module; the map says what stands in whose place. */
async function bundle(entry: string, map: string): Promise<Uint8Array> {
  const args = [
    "bundle",
    "--quiet",
    "--platform=browser",
    "--minify",
    "--lock=scripts/deno.lock",
    `--import-map=scripts/lib/page/${map}`,
    new URL(entry, FOLDER).href,
  ];
  const { success, stdout, stderr } = await new Deno.Command("deno", { args, cwd: ROOT }).output();
  if (success) return stdout;
  const lines = new TextDecoder().decode(stderr).trim().split("\n");
  const reason = lines.find((line) => /error/i.test(line)) ?? firstLine(lines[0]);
  throw new UserError(
    `deno bundle cannot make the page (${reason}): the first time it downloads esbuild and the ` +
      "page's packages, which needs a network",
  );
}
