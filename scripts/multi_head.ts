/** `deno task multi_head`: trains this stage; see model/stages.ts for what it is. @module */
import { runStage } from "./lib/stage.ts";
import { runTask } from "./lib/task.ts";

if (import.meta.main) await runTask((args) => runStage("multi_head", args));
