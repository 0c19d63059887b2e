/** @jsxImportSource npm:preact@11.2.0 */
/**
 * The page's entry.
 *
 * @module
 */
/// <reference lib="dom" />
import { render } from "npm:preact@11.2.0";
import { App } from "./app.tsx";
import { begin } from "./state.ts";

/** What a page that is one file has in it. */
const inside = (id: string) => document.getElementById(id)?.textContent;

const worker = inside("worker");
const address = worker
  ? URL.createObjectURL(new Blob([worker], { type: "text/javascript" }))
  : new URL("worker.js", document.baseURI);
const text = inside("text");
const from = text ? Uint8Array.fromBase64(text) : new URL("text.txt", document.baseURI).href;
const { text: name } = document.documentElement.dataset;

render(<App />, document.body);
void begin(
  // From the disk, Chromium runs no modules in a worker.
  new Worker(address, { type: worker ? "classic" : "module" }),
  name === undefined ? undefined : { name, from },
);
