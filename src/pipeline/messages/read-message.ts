/**
 * What `$process-message` is sent (R4 messaging.html; operation MessageHeader-process-message), taken apart and held against every rule that it can be held against by itself. A function from data to
 * data, for any thread.
 */
import { digestOf } from "../../core/crypto/digest.ts";
import { utf8 } from "../../core/crypto/bytes.ts";
import { canonicalJson } from "../../core/fhir/canonical.ts";
import { isError, type Issue } from "../../core/fhir/issue.ts";
import { objectText } from "../../core/fhir/json/object-text.ts";
import { writeJson } from "../../core/fhir/json/write-json.ts";
import { isAbsoluteUrl, restfulRoot } from "../../core/fhir/references.ts";
import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import { StandaloneElements } from "../../core/fhir/xml/standalone-element.ts";
import { told, type AdmissionTools, type Examination } from "../admission.ts";
import type { FhirMediaType, Received } from "../document-forms.ts";
import { receive } from "../intake/receive.ts";
import { falseSignatures } from "../signature-policy.ts";
import { cutDocuments, type DocumentPart } from "../submission/cut.ts";
import { documentContent } from "../submission/document-content.ts";
import { AT_ONCE, messageIssue, type MessageAnswering, type MessageFacts, type MessageFocus, type UnpackedMessage } from "./message-forms.ts";

export type MessageTools = Pick<AdmissionTools, "validator" | "answerSignatures" | "trust">;

/** What of a message changes when it is sent again, and what is said about it by others. */
const OUTSIDE_OF_MESSAGE = ["id", "meta", "timestamp", "signature"] as const;
const MOST_FOCUS = 64;

export async function unpackMessage({ bytes, mediaType, limits }: Examination<FhirMediaType>, tools: MessageTools): Promise<UnpackedMessage> {
  const { validator } = tools;
  const intake = receive({ bytes, mediaType }, limits, validator.definitions);
  if (intake.kind === "unreadable") return { kind: "unreadable", ...told(intake.issues, intake.source) };
  const { received } = intake;
  const { resource, source, readingIssues } = received;
  // Of a text with faults a reader chose one reading.
  if (readingIssues.some(isError)) return { kind: "unreadable", ...told(readingIssues, source) };
  const call = callOf(resource);
  if ("text" in call) return { kind: "no-message", ...told([call], source) };
  const header = headerOf(call);
  if ("text" in header) return { kind: "no-message", ...told([header], source) };
  const { bundle, answering } = call;
  const { facts } = header;
  const issues = [...validator.validate(resource, readingIssues)];
  const { focus, places } = focusOf(header.resource, call, received, issues);
  const canonical = digestOf(canonicalJson(bundle.without(...OUTSIDE_OF_MESSAGE)));
  if (issues.some(isError)) return { kind: "faulty-message", facts, answering, canonical, ...told(issues, source) };
  return {
    kind: "message",
    ...{ facts, answering, mediaType, focus, canonical },
    ...told([...issues, ...(await signatureIssues(call, received, tools))], source),
    digest: digestOf(bytes),
    ...cutDocuments(bytes, source.text, places),
  };
}

/** A message within what was sent. */
interface MessageCall {
  readonly bundle: JsonObject;
  /** FHIRPath of the Bundle. */
  readonly path: string;
  readonly answering: MessageAnswering;
}

/** The Bundle alone, or Parameters of `content`, `async` and `response-url`. */
function callOf(resource: JsonObject): MessageCall | Issue {
  const type = resource.string("resourceType");
  if (type === "Bundle") return { bundle: resource, path: "Bundle", answering: AT_ONCE };
  if (type !== "Parameters")
    return notAMessage(`Send a Bundle of type message, or a Parameters with it as content; this is a ${type ?? "resource without a type"}.`);
  const parameters = resource.objects("parameter");
  const names = parameters.map((one) => one.string("name") ?? "");
  const strange = names.find((name, at) => !PARAMETERS.has(name) || names.indexOf(name) !== at);
  if (strange !== undefined)
    return notAMessage(
      `$process-message takes content, async and response-url, each once; "${strange.slice(0, 100)}" is none of them, or stands here twice.`,
    );
  const at = names.indexOf("content");
  const bundle = parameters[at]?.object("resource");
  if (bundle?.string("resourceType") !== "Bundle") return notAMessage("The parameter content is a Bundle of type message.");
  const of = (name: string): JsonObject | undefined => parameters[names.indexOf(name)];
  const responseUrl = of("response-url")?.string("valueUrl") ?? of("response-url")?.string("valueUri");
  if (of("response-url") && responseUrl === undefined) return notAMessage("response-url is an address: valueUrl.");
  const isAsync = of("async") ? of("async")?.get("valueBoolean") : false;
  if (typeof isAsync !== "boolean") return notAMessage("async is a valueBoolean.");
  return { bundle, path: `Parameters.parameter[${at}].resource`, answering: { isAsync, responseUrl } };
}

const PARAMETERS: ReadonlySet<string> = new Set(["content", "async", "response-url"]);

function notAMessage(text: string): Issue {
  return messageIssue("form", text, { code: "invalid" });
}

/** What can be answered has a header with an event, and both ids. */
function headerOf({ bundle, path }: MessageCall): { readonly resource: JsonObject; readonly facts: MessageFacts } | Issue {
  const type = bundle.string("type") ?? "";
  if (type !== "message")
    return messageIssue("form", `A message is a Bundle of type message; this one is of type "${type}".`, {
      code: "invalid",
      expression: `${path}.type`,
    });
  const [first] = bundle.objects("entry");
  const resource = first?.object("resource");
  const expression = `${path}.entry[0].resource`;
  if (resource?.string("resourceType") !== "MessageHeader")
    return messageIssue("form", "The first entry of a message is its MessageHeader (bdl-12).", { code: "invalid", expression });
  const [bundleId, id] = [bundle.string("id"), resource.string("id")];
  if (bundleId === undefined || id === undefined)
    return messageIssue(
      "ids",
      "A message has Bundle.id and MessageHeader.id: by these it is known again, and its answer quotes the second (R4 messaging.html).",
      {
        code: "required",
        expression: bundleId === undefined ? `${path}.id` : `${expression}.id`,
      },
    );
  const coding = resource.object("eventCoding");
  const code = coding?.string("code") ?? resource.string("eventUri");
  if (code === undefined)
    return messageIssue("event", "A MessageHeader says which event it is about: eventCoding, or eventUri.", { code: "required", expression });
  return {
    resource,
    facts: {
      ...{ bundleId, id, event: { system: coding?.string("system"), code } },
      source: resource.object("source")?.string("endpoint") ?? "",
      destinations: resource.objects("destination").flatMap((one) => one.string("endpoint") ?? []),
      isResponse: resource.has("response"),
    },
  };
}

/** What MessageHeader.focus leads to: documents as the bytes that were sent (docs/formats.md, "A document within another Bundle"). Faults are added to `issues`. */
function focusOf(
  header: JsonObject,
  { bundle, path }: MessageCall,
  received: Received,
  issues: Issue[],
): { readonly focus: readonly MessageFocus[]; readonly places: readonly DocumentPart[] } {
  const references = header.objects("focus");
  const expressionAt = (at: number): string => `${path}.entry[0].resource.focus[${at}]`;
  if (references.length > MOST_FOCUS) {
    issues.push(
      messageIssue("focus", `A message has a focus of at most ${MOST_FOCUS} resources, and this one of ${references.length}.`, {
        code: "too-long",
        expression: expressionAt(MOST_FOCUS),
      }),
    );
    return { focus: [], places: [] };
  }
  const entries = bundle.objects("entry").map((entry, at) => ({ at, fullUrl: entry.string("fullUrl"), resource: entry.object("resource") }));
  const byUrl = new Map(entries.flatMap((entry) => (entry.fullUrl === undefined ? [] : [[entry.fullUrl, entry] as const])));
  const root = entries[0]?.fullUrl === undefined ? undefined : restfulRoot(entries[0].fullUrl);
  const elements = new StandaloneElements(received.source.text);
  const places: DocumentPart[] = [];
  const taken = new Set<number>();
  const focus = references.flatMap((one, at): MessageFocus[] => {
    const reference = one.string("reference") ?? "";
    const found = byUrl.get(reference) ?? (root === undefined || isAbsoluteUrl(reference) ? undefined : byUrl.get(root + reference));
    const resource = found?.resource;
    if (!found || !resource) {
      const text = `The focus "${reference.slice(0, 200)}" leads to no entry of the message by its fullUrl; nothing is fetched from elsewhere.`;
      issues.push(messageIssue("focus", text, { code: "not-found", expression: expressionAt(at), offset: one.offset }));
      return [];
    }
    const expression = `${path}.entry[${found.at}].resource`;
    if (taken.has(found.at))
      issues.push(messageIssue("focus", `The focus leads to entry ${found.at} twice.`, { code: "duplicate", expression: expressionAt(at) }));
    taken.add(found.at);
    const type = resource.string("resourceType") ?? "";
    if (type !== "Bundle" && type !== "Binary") return [{ kind: "resource", type, text: writeJson(resource), expression }];
    const content = documentContent(resource, { ...received, elements }, (rule, text, behind) =>
      issues.push(
        messageIssue(rule, text, { code: rule === "not-supported" ? rule : "invalid", expression: expression + behind, offset: resource.offset }),
      ),
    );
    if (!content) return [];
    places.push({ ...content.place, document: places.length });
    return [{ kind: "document", content: content.content, expression }];
  });
  return { focus, places };
}

/** Of a signature upon the message itself: those of its documents are checked when they are deposited. */
async function signatureIssues(
  { bundle }: MessageCall,
  { source, mediaType }: Received,
  { answerSignatures, trust }: MessageTools,
): Promise<readonly Issue[]> {
  if (!bundle.has("signature")) return [];
  const isXml = mediaType === "application/fhir+xml";
  const text = isXml ? new StandaloneElements(source.text).at(bundle.offset).text : objectText(source.text, bundle.offset);
  const checks = (await answerSignatures({ bundle, bytes: utf8(text), isXml, trust, receivedAt: new Date() })).filter(
    ({ place }) => place === "Bundle.signature",
  );
  const told = checks.map(({ explanation }): Issue => ({
    severity: "information",
    code: "informational",
    rule: "message-signature",
    text: `The message is signed: ${explanation}`,
    expression: "Bundle.signature",
  }));
  return [...told, ...falseSignatures(bundle, checks)];
}
