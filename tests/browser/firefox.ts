/**
 * Firefox without a window, by WebDriver BiDi: as much of it as the tests need.
 *
 * @module
 */
import { FIREFOX } from "../lib/needs.ts";

/** A page that can be asked. */
export interface Asked {
  /** The value of an expression there, waited for. */
  evaluate(expression: string): Promise<unknown>;
}

/** Opens an address in a Firefox of its own profile. */
export async function inFirefox(address: string, fn: (page: Asked) => Promise<void>) {
  const profile = await Deno.makeTempDir();
  const args = ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port=0"];
  const env = { HOME: profile };
  const child = new Deno.Command(FIREFOX, { args, env, stdout: "null", stderr: "piped" }).spawn();
  try {
    const socket = await connect(child.stderr as ReadableStream<BufferSource>);
    try {
      await fn(await open(socket, address));
    } finally {
      socket.close();
    }
  } finally {
    child.kill();
    await child.status;
    await Deno.remove(profile, { recursive: true });
  }
}

/** Where Firefox says on standard error that it listens. */
async function connect(stderr: ReadableStream<BufferSource>): Promise<WebSocket> {
  const reader = stderr.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  let address: string | undefined;
  while (!address) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`Firefox does not listen: ${said}`);
    said += value;
    address = said.match(/ws:\/\/[\d.]+:\d+/)?.[0];
  }
  void drain(reader);
  const socket = new WebSocket(`${address}/session`);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = reject;
  });
  return socket;
}

/** Reads on, so that Firefox is not held up. */
async function drain(reader: ReadableStreamDefaultReader<string>): Promise<void> {
  while (!(await reader.read()).done);
}

async function open(socket: WebSocket, url: string): Promise<Asked> {
  let last = 0;
  const waiting = new Map<number, (answer: Record<string, unknown>) => void>();
  socket.onmessage = ({ data }) => {
    const answer = JSON.parse(data);
    waiting.get(answer.id)?.(answer);
  };
  const call = async (method: string, params: Record<string, unknown>) => {
    const answer = await new Promise<Record<string, unknown>>((resolve) => {
      waiting.set(++last, resolve);
      socket.send(JSON.stringify({ id: last, method, params }));
    });
    if (answer.type === "error") throw new Error(`${method}: ${answer.message}`);
    return answer.result as Record<string, unknown>;
  };
  await call("session.new", { capabilities: {} });
  const { contexts } = await call("browsingContext.getTree", {});
  const [{ context }] = contexts as { context: string }[];
  await call("browsingContext.navigate", { context, url, wait: "complete" });
  return {
    // As JSON, since BiDi has a notation of its own for values.
    evaluate: async (expression) => {
      const target = { context };
      const answer = await call("script.evaluate", {
        expression: `(async () => JSON.stringify(await (${expression})))()`,
        target,
        awaitPromise: true,
      }) as unknown as { result: { value: string }; exceptionDetails?: { text: string } };
      if (answer.exceptionDetails) throw new Error(answer.exceptionDetails.text);
      return answer.result.value === undefined ? undefined : JSON.parse(answer.result.value);
    },
  };
}
