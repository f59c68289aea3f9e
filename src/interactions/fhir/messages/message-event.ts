/** Which of our events a message is about. */
import type { Issue } from "../../../core/fhir/issue.ts";
import { messageEndpoint } from "../../../pipeline/messages/message-answer.ts";
import { messageIssue, type MessageFacts } from "../../../pipeline/messages/message-forms.ts";
import { MESSAGE_EVENTS, messageDefinitionUrl, messageEventSystem } from "./message-definitions.ts";

/** The event of a message that is for us, or why it is not taken, whatever it holds. */
export function eventFor({ event, destinations, isResponse }: MessageFacts, fhirBase: string): string | Issue {
  const header = "Bundle.entry[0].resource";
  if (isResponse)
    return messageIssue("response", "This answers a message, and no answer is awaited here.", {
      code: "not-supported",
      expression: `${header}.response`,
    });
  const endpoint = messageEndpoint(fhirBase);
  const ours = new Set([endpoint, fhirBase, `${fhirBase}/`]);
  if (destinations.length > 0 && !destinations.some((one) => ours.has(one)))
    return messageIssue("destination", `The message is for somebody else: its destination is here when its endpoint is ${endpoint}.`, {
      code: "not-supported",
      expression: `${header}.destination`,
    });
  const taken = MESSAGE_EVENTS.filter(({ mode }) => mode === "receiver").map(({ code }) => code);
  const known = taken.find((code) => isEvent(event, code, fhirBase));
  if (known !== undefined) return known;
  const said = event.system === undefined ? event.code : `${event.system}|${event.code}`;
  return messageIssue(
    "event",
    `The event "${said.slice(0, 200)}" is not taken here. Taken are, of ${messageEventSystem(fhirBase)}: ${taken.join(", ")}.`,
    {
      code: "not-supported",
      expression: `${header}.event`,
    },
  );
}

/** By its coding, or by the address of its MessageDefinition as eventUri. */
function isEvent({ system, code }: MessageFacts["event"], event: string, fhirBase: string): boolean {
  return system === undefined ? code === messageDefinitionUrl(event, fhirBase) : system === messageEventSystem(fhirBase) && code === event;
}
