/** The page on a local address. @module */
import { atCtrlC, listen, pathOf, refusal } from "../task/loopback.ts";
import { type PageFiles, policy } from "./build.ts";

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
  const say = (address: string) => `the page is at ${address} ; Ctrl-C ends it`;
  const server = listen(port, say, (request) => answer(files, request));
  using _ = atCtrlC(() => void server.shutdown());
  await server.finished;
}

/** What is answered to a request. */
export function answer(files: PageFiles, request: Request): Response {
  const refused = refusal(request);
  if (refused) return refused;
  const pathname = pathOf(request);
  const name = pathname === "/" ? "index.html" : pathname.slice(1);
  const bytes = files.get(name);
  if (!bytes) return new Response("not found", { status: 404 });
  return new Response(bytes as BodyInit, { headers: headersOf(name) });
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
