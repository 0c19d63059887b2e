/**
 * The page as static files: bundled by `deno bundle`, with a text to learn from.
 *
 * @module
 */
import { firstLine, UserError, writeAtomically } from "@hugo-lab/model";

const FOLDER = new URL("./", import.meta.url);
const ROOT = new URL("../../../", import.meta.url);

/** What a browser may do with the page: run its own scripts and kernels, ask its own host. */
export const policy = policyOf({
  script: "'self'",
  worker: "'self'",
  style: "'self'",
  connect: "'self'",
});

function policyOf(from: { script: string; worker: string; style: string; connect: string }) {
  return [
    "default-src 'none'",
    `script-src ${from.script} 'wasm-unsafe-eval'`,
    `worker-src ${from.worker}`,
    `style-src ${from.style}`,
    "img-src data:",
    `connect-src ${from.connect}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

/** The page's files. */
export const pageNames = ["index.html", "page.js", "worker.js", "style.css", "text.txt"];

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
  const [page, worker, style] = await Promise.all([
    bundle("main.tsx", "page_map.json"),
    bundle("worker.ts", "worker_map.json"),
    bundle("style.css", "page_map.json"),
  ]);
  const files: PageFiles = new Map([
    ["index.html", new TextEncoder().encode(linked(text?.name))],
    ["page.js", page],
    ["worker.js", worker],
    ["style.css", style],
  ]);
  if (text) files.set("text.txt", text.bytes);
  return files;
}

const TITLE = "<title>The Hugo lab</title>";

/** Whether a file is a page that was built here. */
export function isPage(bytes: Uint8Array): boolean {
  return new TextDecoder().decode(bytes.subarray(0, 3000)).includes(TITLE);
}

/** Writes the files into a folder. */
export async function writePage(files: PageFiles, folder: string): Promise<void> {
  for (const [name, bytes] of files) await writeAtomically(`${folder}/${name}`, bytes);
}

/** The page that loads its files. */
function linked(textName: string | undefined): string {
  const head = `<link rel="stylesheet" href="style.css">
    <script type="module" src="page.js"></script>`;
  return document(policy, head, textName);
}

/** The page with all its files in it: it opens from the disk. */
export async function singleFile(files: PageFiles, text: PageText | undefined): Promise<string> {
  const decoder = new TextDecoder();
  const [script, worker, style] = ["page.js", "worker.js", "style.css"]
    .map((name) => inScript(decoder.decode(files.get(name)!)));
  const only = policyOf({
    script: await hashOf(script),
    worker: "blob:",
    style: await hashOf(style),
    connect: "'none'",
  });
  const data = (id: string, content: string) =>
    `<script type="text/plain" id="${id}">${content}</script>`;
  const head = [
    `<style>${style}</style>`,
    // A worker from the page has no address that another could be relative to.
    data("worker", `"use strict";` + worker.replaceAll("import.meta.url", '"file:///worker.js"')),
    text ? data("text", text.bytes.toBase64()) : "",
    `<script type="module">${script}</script>`,
  ].join("\n");
  return document(only, head, text?.name);
}

/** A script as it may stand between its tags. */
function inScript(text: string): string {
  return text.replace(/<(?=\/script|!--)/gi, "\\x3c");
}

async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `'sha256-${new Uint8Array(digest).toBase64()}'`;
}

function document(policy: string, head: string, textName: string | undefined): string {
  const text = textName === undefined ? "" : ` data-text="${escape(textName)}"`;
  return `<!doctype html>
<html lang="en"${text}>
  <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${policy}">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <link rel="icon" href="data:,">
    ${TITLE}
    ${head}
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
