import { AppError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/fhir/tree/tree.ts";

/** What `GET /metadata` gives. */
export interface Statements {
  readonly statement: JsonObject;
  /** `mode=terminology`. */
  readonly terminology: JsonObject;
}

/** R4 http.html, "capabilities": everything here is normative or trial use as R4 has it, so that `normative` and `full` are the same. AppError `bad-query`. */
export function statementFor(mode: string | undefined, { statement, terminology }: Statements): JsonObject {
  if (mode === "terminology") return terminology;
  if (mode === undefined || mode === "full" || mode === "normative") return statement;
  throw new AppError("bad-query", `mode is one of full, normative, terminology, not "${mode}".`);
}
