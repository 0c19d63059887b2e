/**
 * The report on a local address, made anew and reloaded while a training writes its files.
 * The served page lies in memory; no file is written.
 *
 * @module
 */
import { UserError } from "@hugo-lab/model";
import { atCtrlC, listen, pathOf, refusal } from "../task/loopback.ts";
import type { Report } from "./document.ts";
import { type Page, toHtml } from "./html.ts";

/** How often the files are looked at; they come in bursts: a report is made once they rest. */
const LOOK_MS = 200;
/** What no report is made from, though it lies in the same folders: reports, and files not yet whole. */
const OTHERS = /\.(html|md|partial)$|[\\/]\.(lock|writable-[^\\/]*)$/;

/**
 * Serves until it is interrupted by Ctrl-C.
 *
 * @param make the report of what the folders hold now
 * @param tell says what was wrong with the files
 * @throws {UserError} if the port is taken
 */
export async function serveReport(
  make: () => Promise<Report>,
  folders: string[],
  port: number,
  tell: (error: UserError) => void,
): Promise<void> {
  let seen = await stateOf(folders);
  let page = await toHtml(await make(), true);
  const listeners = new Set<ReadableStreamDefaultController<Uint8Array>>();
  const say = (address: string) =>
    `the report is at ${address} and follows the files; Ctrl-C ends it`;
  const server = listen(port, say, (request) => {
    const refused = refusal(request);
    if (refused) return refused;
    const pathname = pathOf(request);
    if (pathname === "/changes") return changes(listeners);
    return pathname === "/" ? answer(page) : new Response("not found", { status: 404 });
  });
  let stopped = false;
  using _ = atCtrlC(() => {
    stopped = true;
    for (const listener of listeners) listener.close();
    void server.shutdown();
  });
  const renew = async () => {
    page = await toHtml(await make(), true);
    for (const listener of listeners) listener.enqueue(new TextEncoder().encode("data: new\n\n"));
  };
  for (let isNew = false; !stopped;) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const now = await stateOf(folders);
    if (now !== seen) isNew = true;
    else if (isNew && !stopped) {
      isNew = false;
      await renew().catch(tellOf(tell));
    }
    seen = now;
  }
  await server.finished;
}

function answer({ text, policy }: Page): Response {
  return new Response(text, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": `${policy}; frame-ancestors 'none'`,
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
    },
  });
}

/** A stream of events, one for each new report, for as long as the browser listens. */
function changes(listeners: Set<ReadableStreamDefaultController<Uint8Array>>): Response {
  let own: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      listeners.add(own = controller);
    },
    cancel() {
      listeners.delete(own);
    },
  });
  return new Response(body, {
    headers: { "content-type": "text/event-stream", "cache-control": "no-store" },
  });
}

/** Says what is wrong with the files: one may be read half-written, and the rest comes soon. */
function tellOf(tell: (error: UserError) => void): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof UserError)) throw error;
    tell(error);
  };
}

/**
 * A text that is another once the tasks' files in some folders are: it is made of their names,
 * sizes and times. A watcher of the system's would lose a folder that is made anew.
 */
async function stateOf(folders: string[]): Promise<string> {
  const files: string[] = [];
  for (const folder of folders) {
    for (const task of await namesIn(folder)) {
      for (const name of await namesIn(`${folder}/${task}`)) {
        const path = `${folder}/${task}/${name}`;
        if (OTHERS.test(path)) continue;
        const found = await Deno.stat(path).catch(() => undefined); // it may just have gone
        if (found) files.push(`${path} ${found.size} ${found.mtime?.getTime()} ${found.ino}`);
      }
    }
  }
  return files.sort().join("\n");
}

/** What lies in a folder; nothing if there is none. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    return await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  } catch {
    return [];
  }
}
