import { operationOutcome, type Issue } from "../core/fhir/issue.ts";
import { isSyntaxError } from "../core/fhir/reading-issues.ts";
import { deposit, type DepositResult } from "../pipeline/deposit.ts";
import type { Stored } from "../pipeline/record.ts";
import type { CreateOutcome, FhirInteraction } from "./interaction.ts";

/** Deposits a document: the one way in. */
export const depositDocument: FhirInteraction = {
  type: "Bundle",
  code: "create",
  documentation:
    "Deposits a document (a Bundle of type document): validated, sealed, stored for ever, entered in the log. Sending the same document again is harmless and answers 200 with the first deposit; other content under the same Bundle.identifier is a conflict.",
  handle: async (submission, context) => {
    const result = await deposit(submission, context);
    if (result.kind === "created") context.prepareView(result.stored.id);
    return outcomeOf(result);
  },
};

function outcomeOf(result: DepositResult): CreateOutcome {
  switch (result.kind) {
    case "created":
      return {
        kind: "created",
        ...placeOf(result.stored),
        outcome: operationOutcome([deposited(result.stored.id), ...result.issues], result.source),
      };
    case "repeated":
      return { kind: "repeated", ...placeOf(result.stored), outcome: operationOutcome([repeated(result.stored.id)]) };
    case "unreadable":
      return { kind: "unreadable", outcome: operationOutcome(result.issues, result.source) };
    case "refused":
      return { kind: result.issues.some(isSyntaxError) ? "unreadable" : "invalid", outcome: operationOutcome(result.issues, result.source) };
    case "conflict":
      return {
        kind: "conflict",
        outcome: operationOutcome([
          { severity: "error", code: "conflict", rule: "identifier-taken", text: result.reason, expression: "Bundle.identifier" },
        ]),
      };
  }
}

function placeOf(stored: Stored): { id: string; lastModified: Date } {
  return { id: stored.id, lastModified: new Date(stored.summary.receivedAt) };
}

function deposited(id: string): Issue {
  return { severity: "information", code: "informational", rule: "deposited", text: `The document was deposited as ${id}.` };
}

function repeated(id: string): Issue {
  return {
    severity: "information",
    code: "informational",
    rule: "deposited-before",
    text: `This document was deposited before, as ${id}; nothing was stored.`,
  };
}
