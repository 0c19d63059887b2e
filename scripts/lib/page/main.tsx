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

render(<App />, document.body);
const name = document.documentElement.dataset.text;
const text = name === undefined
  ? undefined
  : { url: new URL("text.txt", document.baseURI).href, name };
void begin(new Worker(new URL("worker.js", document.baseURI), { type: "module" }), text);
