/** Firefox without a window, by WebDriver BiDi: as much of it as the tests need. @module */
import { FIREFOX } from "../lib/needs.ts";
import { type Call, type Tab, withBrowser } from "./protocol.ts";

/** Opens an address in a Firefox of its own profile. */
export function inFirefox(address: string, fn: (tab: Tab) => Promise<void>): Promise<void> {
  const args = (
    profile: string,
  ) => ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port=0"];
  return withBrowser(FIREFOX, args, "/session", async (call) => fn(await open(call, address)));
}

async function open(call: Call, url: string): Promise<Tab> {
  await call("session.new", { capabilities: {} });
  const { contexts } = await call("browsingContext.getTree", {});
  const [{ context }] = contexts as { context: string }[];
  await call("browsingContext.navigate", { context, url, wait: "complete" });
  return {
    // As JSON, since BiDi has a notation of its own for values.
    evaluate: async (expression) => {
      const answer = await call("script.evaluate", {
        expression: `(async () => JSON.stringify(await (${expression})))()`,
        target: { context },
        awaitPromise: true,
      }) as unknown as { result: { value: string }; exceptionDetails?: { text: string } };
      if (answer.exceptionDetails) throw new Error(answer.exceptionDetails.text);
      return answer.result.value === undefined ? undefined : JSON.parse(answer.result.value);
    },
    cover: async () => void await call("browsingContext.create", { type: "tab" }),
  };
}
