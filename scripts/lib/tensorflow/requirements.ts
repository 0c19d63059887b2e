/** What building TensorFlow's binding needs, checked beforehand. @module */
import { tensorflowFolder, tensorflowPath, UserError } from "@hugo-lab/model";
import { statfsSync } from "node:fs";
import { command } from "./command.ts";

/** GB on the disk, unpacking included; with a GPU's libraries. */
const DISK_GB = { cpu: 4, gpu: 14 };

/** A program in C++17 that uses its library. */
const PROGRAM = "#include <optional>\nint main() { return std::optional<int>(0).value(); }\n";

/** Refuses systems for which pip has no TensorFlow with a library to link with. */
export function checkSystem(gpu: boolean): void {
  const { os, arch } = Deno.build;
  if (os !== "linux" && os !== "darwin") {
    throw new UserError(
      `on ${os} there is no TensorFlow library to build with: use Linux in WSL 2`,
    );
  }
  if (os === "darwin" && arch !== "aarch64") {
    throw new UserError("TensorFlow is no longer published for Intel Macs: use --backend lab");
  }
  if (gpu && (os !== "linux" || arch !== "x86_64")) {
    throw new UserError(`--gpu needs Linux on x86_64, this is ${os} on ${arch}: leave it out`);
  }
}

/**
 * Checks for Python with pip, a compiler and room on the disk.
 *
 * @throws {UserError} with a line for each thing that is missing
 */
export async function checkRequirements(gpu: boolean): Promise<void> {
  const missing = [await missingPip(), await missingCompiler(), missingSpace(gpu)]
    .filter((line) => line !== undefined);
  if (missing.length > 0) throw new UserError(missing.join("\nerror: "));
}

async function missingPip(): Promise<string | undefined> {
  const { ok } = await command("python3", ["-m", "pip", "--version"]);
  if (ok) return;
  return "python3 with pip is missing: install it (on Debian: apt install python3-pip)";
}

async function missingCompiler(): Promise<string | undefined> {
  const source = tensorflowPath("check.cc");
  await Deno.writeTextFile(source, PROGRAM);
  const { ok } = await command("c++", ["-std=c++17", "-fsyntax-only", source]);
  await Deno.remove(source);
  if (ok) return;
  return "a C++17 compiler named c++ is missing: install one " +
    "(on Debian: apt install g++, on macOS: xcode-select --install)";
}

function missingSpace(gpu: boolean): string | undefined {
  const needed = gpu ? DISK_GB.gpu : DISK_GB.cpu;
  const { bavail, bsize } = statfsSync(tensorflowFolder);
  const free = Number(bavail) * Number(bsize) / 1e9;
  if (free >= needed) return;
  return `only ${free.toFixed(1)} GB of disk are free at ${
    tensorflowPath(".")
  }, ${needed} are needed`;
}
