/** `deno task multi_head`: trains this stage; see model/stages.ts for what it is. @module */
import { trainingTask } from "./lib/run/stage.ts";
import { main } from "./lib/task/task.ts";

if (import.meta.main) await main(trainingTask("multi_head"));
