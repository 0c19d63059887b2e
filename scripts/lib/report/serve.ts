/**
 * The report on a local address, made anew and reloaded while a training writes its files.
 *
 * Only programs of this machine reach it, and only under a name of this machine: a page elsewhere
 * that points its own name here gets nothing. The served page lies in memory; no file is written.
 *
 * @module
 */
import { UserError } from "@hugo-lab/model";
import type { Report } from "./document.ts";
import { type Page, toHtml } from "./html.ts";

const HOST = "127.0.0.1";
/** Files come in bursts: a report is made once nothing has changed for so long. */
const QUIET_MS = 200;
/** What no report is made from, though it lies in the same folders: reports, and files not yet whole. */
const OTHERS = /\.(html|md|partial)$|[\\/]\.writable-[^\\/]*$/;

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
  for (const folder of folders) await Deno.mkdir(folder, { recursive: true });
  const watcher = Deno.watchFs(folders);
  let page = await toHtml(await make(), true);
  const listeners = new Set<ReadableStreamDefaultController<Uint8Array>>();
  const server = start(port, (request) => {
    const { pathname, host } = new URL(request.url);
    if (!isOurs(host)) return new Response("not here", { status: 403 });
    if (pathname === "/changes") return changes(listeners);
    return pathname === "/" ? answer(page) : new Response("not found", { status: 404 });
  });
  let stopped = false;
  const stop = () => {
    if (stopped) return; // deno task passes on the Ctrl-C that this process has had already
    stopped = true;
    watcher.close();
    for (const listener of listeners) listener.close();
    void server.shutdown();
  };
  Deno.addSignalListener("SIGINT", stop);
  const renew = async () => {
    page = await toHtml(await make(), true);
    for (const listener of listeners) listener.enqueue(new TextEncoder().encode("data: new\n\n"));
  };
  await onChanges(watcher, renew, tell);
  await server.finished;
  Deno.removeSignalListener("SIGINT", stop);
}

function start(port: number, handler: (request: Request) => Response): Deno.HttpServer {
  const onListen = ({ port }: Deno.NetAddr) =>
    console.log(`the report is at http://${HOST}:${port}/ and follows the files; Ctrl-C ends it`);
  try {
    return Deno.serve({ hostname: HOST, port, onListen }, handler);
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new UserError(`port ${port} is taken: end what listens there, or choose another --port`);
  }
}

function isOurs(host: string): boolean {
  return [HOST, "localhost"].includes(host.replace(/:\d+$/, ""));
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

/** Calls back when files have changed and are quiet again; what goes wrong is said, then waits. */
async function onChanges(
  watcher: Deno.FsWatcher,
  callback: () => Promise<void>,
  tell: (error: UserError) => void,
): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running = Promise.resolve();
  const run = async () => {
    try {
      await callback();
    } catch (error) {
      // A file may be read half-written: the next change brings the rest.
      if (!(error instanceof UserError)) throw error;
      tell(error);
    }
  };
  for await (const { paths } of watcher) {
    if (paths.every((path) => OTHERS.test(path))) continue;
    clearTimeout(timer);
    timer = setTimeout(() => running = running.then(run), QUIET_MS);
  }
  clearTimeout(timer);
  await running;
}
