/** Answers to messages that go to a `response-url` (R4 messaging.html, "Asynchronous"): where, and what whoever asks is told meanwhile. */
import type { Issue } from "../../../core/fhir/issue.ts";
import { endpointFault } from "../../../events/endpoint-fault.ts";
import { messageIssue, type MessageAnswering } from "../../../pipeline/messages/message-forms.ts";
import type { CallbackAllow } from "../../../security/issuers/reach.ts";
import { FIND_DOCUMENTS } from "./message-definitions.ts";

/** Where the answer goes; undefined: back to whoever asks. An issue for what cannot be done. */
export function laterAddress(
  { isAsync, responseUrl }: MessageAnswering,
  query: ReadonlyMap<string, string>,
  allow: CallbackAllow,
): string | Issue | undefined {
  const inAddress = query.get("async");
  if (inAddress !== undefined && inAddress !== "true" && inAddress !== "false")
    return messageIssue("async", "async is true or false.", { code: "value" });
  if (!isAsync && inAddress !== "true") return undefined;
  const url = responseUrl ?? query.get("response-url");
  if (url === undefined)
    return messageIssue("async", "A message with async=true says by response-url where its answer goes: source.endpoint is never called.", {
      code: "required",
    });
  const fault = endpointFault(url, allow);
  return fault === undefined ? url : messageIssue("async", `response-url cannot be called: ${fault}`, { code: "value" });
}

/** What whoever asks is told. */
export const PROMISED: Issue = {
  severity: "information",
  code: "informational",
  rule: "message-async",
  text: "The message was processed; its answer goes to response-url, again and again until it is taken there.",
};

/** What is asked for is shown to whoever may know it at that moment, and not to an address days later. */
export const ASKED_NOW = messageIssue("async", `${FIND_DOCUMENTS} is answered at once: send it without async.`, { code: "not-supported" });

/** Of a sender of whom no more is kept. */
export const FULL = messageIssue(
  "async",
  "Too many answers to messages of yours wait at their response-url, or were given up there: have them taken, or ask whoever runs this service to remove them. Nothing was done; without async the message is answered at once.",
  { code: "throttled" },
);
