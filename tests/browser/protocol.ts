/**
 * A browser without a window that is told what to do over a socket: as much as WebDriver BiDi
 * (Firefox) and Chromium's own protocol have in common.
 *
 * @module
 */

/** A page that can be asked. */
export interface Asked {
  /** The value of an expression there, waited for. */
  evaluate(expression: string): Promise<unknown>;
}

/** A page in a tab. */
export interface Tab extends Asked {
  /** Opens another tab in front of it. */
  cover(): Promise<void>;
}

/** Sends a command and gives its result. */
export type Call = (
  method: string,
  params: Record<string, unknown>,
  /** What Chromium calls the connection to a tab. */
  sessionId?: string,
) => Promise<Record<string, unknown>>;

/**
 * Starts a browser with a profile of its own, and ends it when all is done.
 *
 * @param args of the profile's folder
 * @param path of the socket, behind the address that the browser tells
 */
export async function withBrowser(
  command: string,
  args: (profile: string) => string[],
  path: string,
  fn: (call: Call) => Promise<void>,
): Promise<void> {
  const profile = await Deno.makeTempDir();
  const options = { args: args(profile), env: { HOME: profile } };
  const child = new Deno.Command(command, { ...options, stdout: "null", stderr: "piped" }).spawn();
  try {
    const socket = await connect(child.stderr as ReadableStream<BufferSource>, path);
    try {
      await fn(callsOver(socket));
    } finally {
      socket.close();
    }
  } finally {
    child.kill();
    await child.status;
    await removed(profile);
  }
}

/** Some of a browser's processes end behind it, and write a last file. */
async function removed(folder: string): Promise<void> {
  for (let tries = 0; tries < 20; tries++) {
    try {
      return await Deno.remove(folder, { recursive: true });
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}

/** Where the browser says on standard error that it listens. */
async function connect(stderr: ReadableStream<BufferSource>, path: string): Promise<WebSocket> {
  const reader = stderr.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  let address: string | undefined;
  while (!address) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`the browser does not listen: ${said}`);
    said += value;
    address = said.match(/ws:\/\/\S+(?=\s)/)?.[0];
  }
  void drain(reader);
  const socket = new WebSocket(`${address}${path}`);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = reject;
  });
  return socket;
}

/** Reads on, so that the browser is not held up. */
async function drain(reader: ReadableStreamDefaultReader<string>): Promise<void> {
  while (!(await reader.read()).done);
}

function callsOver(socket: WebSocket): Call {
  let last = 0;
  const waiting = new Map<number, (answer: Record<string, unknown>) => void>();
  socket.onmessage = ({ data }) => {
    const answer = JSON.parse(data);
    waiting.get(answer.id)?.(answer);
  };
  return async (method, params, sessionId) => {
    const answer = await new Promise<Record<string, unknown>>((resolve) => {
      waiting.set(++last, resolve);
      socket.send(JSON.stringify({ id: last, method, params, sessionId }));
    });
    if (answer.error) throw new Error(`${method}: ${JSON.stringify(answer)}`);
    return answer.result as Record<string, unknown>;
  };
}
