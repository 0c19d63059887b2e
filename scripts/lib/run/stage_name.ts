/** A stage's name as a person types it. @module */
import { type StageName, stages, UserError } from "@hugo-lab/model";
import { didYouMean } from "../task/nearest.ts";

/**
 * The stage with the name.
 *
 * @param wants who wants it, as a sentence begins: "generate needs the name of one stage"
 * @throws {UserError} if there is none: with the one that was meant, or all
 */
export function stageNamed(name: string, wants: string): StageName {
  if (Object.hasOwn(stages, name)) return name as StageName;
  const names = Object.keys(stages);
  const instead = didYouMean(name, names) || `: give one of ${names.join(", ")}`;
  throw new UserError(`${wants}, got "${name}"${instead}`);
}
