/**
 * Serving on this machine alone. Only programs of this machine reach it, and only under a name of
 * this machine: a page elsewhere that points its own name here gets nothing.
 *
 * @module
 */
import { UserError } from "@hugo-lab/model";

const HOST = "127.0.0.1";
const METHODS = ["GET", "HEAD"];

/**
 * Listens, and says where.
 *
 * @param say makes the line from the address
 * @throws {UserError} if the port is taken
 */
export function listen(
  port: number,
  say: (address: string) => string,
  handler: (request: Request) => Response,
): Deno.HttpServer {
  const onListen = ({ port }: Deno.NetAddr) => console.log(say(`http://${HOST}:${port}/`));
  try {
    return Deno.serve({ hostname: HOST, port, onListen }, handler);
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new UserError(`port ${port} is taken: end what listens there, or choose another --port`);
  }
}

/** The answer to a request that is none of this machine's, or wants more than to read. */
export function refusal(request: Request): Response | undefined {
  if (!isOurs(request.headers.get("host"))) return new Response("not here", { status: 403 });
  if (METHODS.includes(request.method)) return undefined;
  return new Response("this page is only read", {
    status: 405,
    headers: { allow: METHODS.join(", ") },
  });
}

/** Whether a request's header names this machine; the port is whichever led here. */
function isOurs(host: string | null): boolean {
  return /^(127\.0\.0\.1|localhost)(:\d{1,5})?$/i.test(host ?? "");
}

/** What is asked for: the address has the request's host in it, which may be no host at all. */
export function pathOf({ url }: Request): string {
  return url.replace(/^[a-z]+:\/\/[^/]*/i, "").replace(/[?#].*$/, "");
}

/** Calls once, at the first Ctrl-C; `deno task` passes on one that was heard already. */
export function atCtrlC(stop: () => void): Disposable {
  let stopped = false;
  const once = () => {
    if (!stopped) stop();
    stopped = true;
  };
  Deno.addSignalListener("SIGINT", once);
  return { [Symbol.dispose]: () => Deno.removeSignalListener("SIGINT", once) };
}
