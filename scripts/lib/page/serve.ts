/**
 * The page on a local address. Only programs of this machine reach it, and only under a name of
 * this machine.
 *
 * @module
 */
import { UserError } from "@hugo-lab/model";
import { type PageFiles, policy } from "./build.ts";

const HOST = "127.0.0.1";
const types: Record<string, string> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  txt: "text/plain; charset=utf-8",
};

/**
 * Serves until it is interrupted by Ctrl-C.
 *
 * @throws {UserError} if the port is taken
 */
export async function servePage(files: PageFiles, port: number): Promise<void> {
  const server = start(port, (request) => answer(files, request));
  let stopped = false;
  const stop = () => {
    if (!stopped) void server.shutdown(); // deno task passes on a Ctrl-C that was heard already
    stopped = true;
  };
  Deno.addSignalListener("SIGINT", stop);
  await server.finished;
  Deno.removeSignalListener("SIGINT", stop);
}

/** What is answered to a request. */
export function answer(files: PageFiles, request: Request): Response {
  const { pathname, hostname } = new URL(request.url);
  if (hostname !== HOST && hostname !== "localhost") {
    return new Response("not here", { status: 403 });
  }
  const name = pathname === "/" ? "index.html" : pathname.slice(1);
  const bytes = files.get(name);
  if (!bytes) return new Response("not found", { status: 404 });
  return new Response(bytes as BodyInit, { headers: headersOf(name) });
}

function start(port: number, handler: (request: Request) => Response): Deno.HttpServer {
  const onListen = ({ port }: Deno.NetAddr) =>
    console.log(`the page is at http://${HOST}:${port}/ ; Ctrl-C ends it`);
  try {
    return Deno.serve({ hostname: HOST, port, onListen }, handler);
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new UserError(`port ${port} is taken: end what listens there, or choose another --port`);
  }
}

function headersOf(name: string): HeadersInit {
  return {
    "content-type": types[name.slice(name.lastIndexOf(".") + 1)],
    "content-security-policy": `${policy}; frame-ancestors 'none'`,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "cross-origin-resource-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
  };
}
