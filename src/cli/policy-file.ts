import { AppError } from "../core/errors.ts";
import { isError } from "../core/fhir/issue.ts";
import { readJson } from "../core/fhir/json/read-json.ts";
import { DEFAULT_READ_LIMITS } from "../core/fhir/read-limits.ts";
import { SourceText } from "../core/fhir/source-text.ts";
import { parsePolicy, type Policy } from "../pipeline/validate/policy.ts";
import { namedFile, readNamed } from "./files.ts";
import type { Io } from "./io.ts";

/**
 * Reads a policy file (docs/rules.md, "Policy"). It is read as strictly as resources are: a severity that stands there twice is no policy.
 *
 * @throws AppError `not-found`, `malformed`; its message names the file and, for a fault of syntax, the place.
 */
export async function readPolicy(file: string, io: Pick<Io, "readInput">): Promise<Policy> {
  const source = new SourceText(Buffer.from(await readNamed(namedFile(file, io))).toString("utf8"));
  const { resource, issues } = readJson(source, DEFAULT_READ_LIMITS);
  const fault = issues.find(isError);
  if (!resource || fault) {
    const position = fault?.offset === undefined ? undefined : source.positionOf(fault.offset);
    const place = position ? `${file}:${position.line}:${position.column}` : file;
    throw new AppError("malformed", `${place}: ${fault?.text ?? "this is no policy"}`);
  }
  try {
    return parsePolicy(resource);
  } catch (cause) {
    throw cause instanceof AppError ? new AppError(cause.code, `${file}: ${cause.message}`, { cause }) : cause;
  }
}
