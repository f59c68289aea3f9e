import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { AppError } from "../core/errors.ts";
import { DEFAULT_POLICY, type Policy } from "../pipeline/validate/policy.ts";
import { namedPolicy } from "../pipeline/validate/policies/named-policies.ts";
import { readPolicy } from "../pipeline/validate/policies/read-policy.ts";

/**
 * The policy that an operator names: `strict`, `form`, `references`, or the path of a file, which may name others, by paths from itself.
 *
 * @param read gives the bytes of a file; without it, it is read from the disk
 * @throws AppError `malformed` says what is wrong with which file and where; `not-found`: one could not be read
 */
export async function openPolicyNamed(name: string, read: (path: string) => Promise<Uint8Array> = readFile): Promise<Policy> {
  return open(name, read, []);
}

async function open(name: string, read: (path: string) => Promise<Uint8Array>, within: readonly string[]): Promise<Policy> {
  const own = name === "" ? DEFAULT_POLICY : namedPolicy(name);
  if (own) return own;
  if (within.includes(name)) throw new AppError("malformed", "it leads back to itself");
  const bytes = await read(name).catch((cause: unknown) => {
    if (cause instanceof AppError) throw cause;
    const code = (cause as NodeJS.ErrnoException).code ?? "unknown reason";
    throw new AppError("not-found", `it is none of strict, form, references, and no file that can be read (${code})`, { cause });
  });
  return readPolicy(Buffer.from(bytes).toString("utf8"), (other) => {
    const path = namedPolicy(other) ? other : resolve(dirname(name), other);
    return open(path, read, [...within, name]);
  });
}
