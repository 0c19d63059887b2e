/** `deno task test:pytorch --python PATH`: the tests of the way to PyTorch and back. @module */
import { UserError } from "@hugo-lab/model";
import { flagLines, help, readArguments } from "./lib/arguments.ts";
import { runTask } from "./lib/task.ts";

const flags = {
  python: { kind: "text", value: "PATH", help: "a Python that has torch and safetensors" },
  help,
} as const;

const HELP = `deno task test:pytorch --python PATH: tests the way to PyTorch and back

${flagLines(flags)}`;

const VERSIONS = "import safetensors, torch; print(torch.__version__, safetensors.__version__)";

/** The task. */
async function testPytorch(args: string[]): Promise<void> {
  const { python, ...values } = readArguments({ task: "test:pytorch", flags }, args);
  if (values.help) return console.log(HELP);
  if (!python) throw new UserError("test:pytorch needs a Python that has torch: --python PATH");
  const [torch, safetensors] = (await versions(python)).split(" ");
  console.log(`PyTorch ${torch}, safetensors ${safetensors}`);
  const { code } = await new Deno.Command("deno", {
    args: [
      ...["test", "--no-prompt", "--allow-read", "--allow-write", "--allow-run"],
      ...["tests/pytorch_test.ts", "--", "--python", python],
    ],
  }).spawn().status;
  if (code !== 0) Deno.exit(code);
}

async function versions(python: string): Promise<string> {
  let output: Deno.CommandOutput;
  try {
    output = await new Deno.Command(python, { args: ["-c", VERSIONS] }).output();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new UserError(`--python ${python} cannot be run: give the path of a Python`);
  }
  if (output.success) return new TextDecoder().decode(output.stdout).trim();
  throw new UserError(
    `--python ${python} lacks a package (pip install torch numpy safetensors): ` +
      new TextDecoder().decode(output.stderr).trim().split("\n").at(-1),
  );
}

if (import.meta.main) await runTask(testPytorch);
