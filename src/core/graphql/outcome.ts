import { GraphQLError, type GraphQLFormattedError } from "graphql";
import { AppError, ERROR_KINDS, type ErrorCode } from "../errors.ts";
import { operationOutcome } from "../fhir/issue.ts";
import { JsonArray, JsonObject, treeOf } from "../fhir/tree/tree.ts";

/** Why a query was not answered. */
export interface GraphFault {
  readonly code: ErrorCode;
  readonly message: string;
  readonly locations?: GraphQLFormattedError["locations"];
  readonly path?: GraphQLFormattedError["path"];
  readonly cause?: unknown;
}

/** What is told of a failure that is ours. */
const NEUTRAL = "Something failed in the service; nothing is wrong with the query.";

/** @param otherwise the code of what GraphQL finds wrong by itself */
export function faultOf(error: unknown, otherwise: ErrorCode): GraphFault {
  if (error instanceof AppError) {
    const { isPublic } = ERROR_KINDS[error.code];
    return { code: error.code, message: isPublic ? error.message : NEUTRAL, cause: error };
  }
  if (!(error instanceof GraphQLError)) return { code: "internal", message: NEUTRAL, cause: error };
  const { cause, locations, path } = error;
  const place = { ...(locations && { locations }), ...(path && { path }) };
  if (cause !== undefined && !(cause instanceof GraphQLError)) return { ...faultOf(cause, otherwise), ...place };
  return { code: otherwise, message: error.message, ...place };
}

/** The response of a query that failed: no part of an answer is given (R4 graphql.html, "Error Handling"). @param hasData whether `data` is there, as null */
export function faultResponse(faults: readonly GraphFault[], hasData: boolean): JsonObject {
  const response = new JsonObject();
  if (hasData) response.add("data", null);
  const errors = new JsonArray();
  for (const fault of faults) errors.add(errorOf(fault));
  return response.add("errors", errors);
}

function errorOf({ code, message, locations, path }: GraphFault): JsonObject {
  const severity = ERROR_KINDS[code].status >= 500 ? "fatal" : "error";
  const resource = operationOutcome([{ severity, code: ERROR_KINDS[code].issueCode, rule: code, text: message }]);
  return treeOf({ message, locations, path, extensions: { code, resource } }) as JsonObject;
}
