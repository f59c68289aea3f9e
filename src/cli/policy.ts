import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { AppError } from "../core/errors.ts";
import { openPolicyNamed } from "../interactions/policy-files.ts";
import type { Policy } from "../pipeline/validate/policy.ts";
import { NAMED_POLICIES } from "../pipeline/validate/policies/named-policies.ts";
import { namedFile } from "./files.ts";
import type { Io } from "./io.ts";

/** The policy that is named; strict without. AppError `not-found`, `malformed`: then no file is validated, for the verdicts would be others than were asked for. */
export async function policyOf(name: string | undefined, io: Io): Promise<Policy> {
  return openPolicyNamed(name ?? "strict", (path) => namedFile(path, io).read()).catch((cause: unknown) => {
    throw cause instanceof AppError ? new AppError(cause.code, `${name ?? "strict"}: ${cause.message}`, { cause }) : cause;
  });
}

/** The policies that come with the program, as examples. */
const EXAMPLES = fileURLToPath(new URL("../../docs/policies/", import.meta.url));

/** Every policy that there is: those with a name, least lenient first, and the examples by the names of their files. */
export async function everyPolicy(): Promise<ReadonlyMap<string, Policy>> {
  const files = (await readdir(EXAMPLES).catch(() => [])).filter((name) => name.endsWith(".json")).sort();
  const examples = await Promise.all(files.map(async (name) => [name.replace(/\.json$/, ""), await openPolicyNamed(`${EXAMPLES}${name}`)] as const));
  return new Map([...Object.entries(NAMED_POLICIES), ...examples]);
}
