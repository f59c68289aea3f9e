/**
 * Understands a Subscription, in R4's own form and in that of the R5 Subscriptions Backport 1.1.0. What is not supported is refused by its element, and never taken and dropped: whoever subscribes relies on it.
 */
import type { Issue } from "../core/fhir/issue.ts";
import { NOWHERE, type JsonObject } from "../core/fhir/tree/tree.ts";
import type { CallbackAllow } from "../security/issuers/reach.ts";
import type { Criterion } from "../search/query/criterion.ts";
import { parseQuery } from "../search/query/parse-query.ts";
import type { QueryContext } from "../search/query/query-context.ts";
import { isQueryFault } from "../search/query/query-fault.ts";
import { isResultParameter } from "../search/query/result-parameters.ts";
import type { Parameter } from "../search/query/search-query.ts";
import { readChannel, type Fault } from "./read-channel.ts";
import { withoutHeaders } from "./shown-subscription.ts";
import type { AskedSubscription } from "./subscription-records.ts";
import type { SubscriptionStatus, Wanted } from "./subscription.ts";
import { BACKPORT, TOPIC_FILTERS, topicNamed } from "./topics.ts";

/** What one is understood with. */
export interface SubscriptionReading extends QueryContext {
  readonly callbackAllow: CallbackAllow;
  /** Why no document can be held against a criterion as it comes; undefined when it can. */
  unmatchable(criterion: Criterion): string | undefined;
}

/** What was understood, with what its owner asks of its status; or what is wrong. */
export type ReadSubscription =
  | { readonly kind: "read"; readonly asked: AskedSubscription; readonly status: SubscriptionStatus }
  | { readonly kind: "refused"; readonly issues: readonly Issue[] };

const FILTER = `${BACKPORT}/StructureDefinition/backport-filter-criteria`;
/** Of another version of FHIR, about what this guide says otherwise. */
const CROSS_VERSION =
  /^http:\/\/hl7\.org\/fhir\/\d+\.\d+\/StructureDefinition\/extension-Subscription\.(?:topic|filterBy|channelType|parameter|heartbeatPeriod|timeout|contentType|content|maxCount)\b/;
const MOST_FILTERS = 10;

/** @param resource valid by R4's rules */
export function readSubscription(resource: JsonObject, reading: SubscriptionReading): ReadSubscription {
  const issues: Issue[] = [];
  const fault: Fault = (element, text, of, name) => {
    const offset = of && name !== undefined ? of.offsetOf(name) : NOWHERE;
    issues.push({ severity: "error", code: "not-supported", rule: "subscription", text, expression: `Subscription${element}`, offset });
  };
  const strange = resource.objects("extension").find((one) => CROSS_VERSION.test(one.string("url") ?? ""));
  if (strange) fault(".extension", `${strange.string("url") ?? ""} is of another version of FHIR: say it as R4 or the Backport do.`, strange, "url");
  for (const [place, of] of [
    ["", resource],
    [".channel", resource.object("channel")],
  ] as const)
    if (of?.has("modifierExtension")) fault(`${place}.modifierExtension`, "Nothing here is modified by an extension.", of, "modifierExtension");
  const wanted = readCriteria(resource, reading, fault);
  if (wanted?.kind === "search" && wanted.type !== "DocumentReference" && resource.object("channel")?.string("type") === "message")
    fault(".criteria", "Messages are about documents: criteria is a search upon DocumentReference.", resource, "criteria");
  const channel = readChannel(resource, { isTopic: isTopical(resource), callbackAllow: reading.callbackAllow }, fault);
  const end = readEnd(resource, reading.now, fault);
  const status = resource.string("status");
  if (status === "error") fault(".status", "Its status is requested or off: error is what we say of it.", resource, "status");
  if (!wanted || !channel || issues.length > 0) return { kind: "refused", issues };
  return {
    kind: "read",
    asked: { wanted, channel, ...(end !== undefined && { end }), resource: withoutHeaders(resource) },
    status: status === "off" || status === "active" ? status : "requested",
  };
}

/**
 * Whether a receiver is to show first that it is there (Backport 1.1.0, "Handshake"): one that takes sockets does so on each of them, and neither R4's own form nor a message knows one.
 */
export function needsHandshake({ wanted, channel }: Pick<AskedSubscription, "wanted" | "channel">): boolean {
  return wanted.kind === "topic" && channel.type === "rest-hook";
}

/** An address names a topic; what else is a search. */
function isTopical(resource: JsonObject): boolean {
  return /^[a-z][a-z0-9+.-]*:/i.test(resource.string("criteria") ?? "");
}

function readCriteria(resource: JsonObject, reading: SubscriptionReading, fault: Fault): Wanted | undefined {
  const criteria = resource.string("criteria") ?? "";
  const extensions = resource.object("_criteria")?.objects("extension") ?? [];
  const other = extensions.find((one) => one.string("url") !== FILTER);
  if (other) fault(".criteria.extension", `${other.string("url") ?? ""} is not known here.`, other, "url");
  if (isTopical(resource)) {
    const topic = topicNamed(criteria, reading.base);
    if (!topic) fault(".criteria", `There is no topic ${criteria} here: the CapabilityStatement lists those that there are.`, resource, "criteria");
    if (extensions.length > MOST_FILTERS) fault(".criteria.extension", `A subscription has at most ${MOST_FILTERS} filters.`, extensions[0], "url");
    const filters = extensions.filter((one) => one.string("url") === FILTER).map((one) => readFilter(one, reading, fault));
    if (topic === "erased" && filters.length > 0)
      fault(".criteria.extension", "Of what was erased nothing is left that a filter could be held against.", extensions[0], "url");
    return topic && { kind: "topic", topic, filters };
  }
  if (extensions.length > 0) fault(".criteria.extension", "Filters belong to a topic; of a search all stands in criteria.", extensions[0], "url");
  const [, type = "", query = ""] = /^([A-Za-z]*)(?:\?(.*))?$/s.exec(criteria) ?? [];
  if (!reading.definitions.isResourceType(type) || NEVER_DEPOSITED.has(type)) {
    const text = `criteria is a search upon a type of resource that stands in documents, such as DocumentReference?type=…, or the address of a topic; not "${criteria}".`;
    fault(".criteria", text, resource, "criteria");
    return undefined;
  }
  const wrong = wrongWith(type, query, reading);
  if (wrong !== undefined) fault(".criteria", wrong, resource, "criteria");
  return { kind: "search", type, query };
}

/** Found at their addresses is what stands in no document, or nothing. */
const NEVER_DEPOSITED: ReadonlySet<string> = new Set(["AuditEvent", "Subscription", "Binary", "Parameters"]);

/** A filter is written `DocumentReference?type=…`, with `.` in the place of `?` (as some examples of the guide have it) or without the type. */
function readFilter(extension: JsonObject, reading: SubscriptionReading, fault: Fault): string {
  const text = extension.string("valueString") ?? "";
  const query = text.replace(/^(?:DocumentReference[?.]|\?)/, "");
  const names = parametersOf(query).map(([name]) => name.split(/[:.]/)[0] ?? "");
  const strange = names.find((name) => !(TOPIC_FILTERS as readonly string[]).includes(name));
  const wrong =
    names.length === 0 || strange !== undefined
      ? `A filter is DocumentReference?name=value with ${TOPIC_FILTERS.join(", ")}; not "${text}".`
      : wrongWith("DocumentReference", query, reading);
  if (wrong !== undefined) fault(".criteria.extension", wrong, extension, "valueString");
  return query;
}

/** What is wrong with a search by which documents are to be held against a subscription; undefined for one that is understood. */
function wrongWith(type: string, query: string, reading: SubscriptionReading): string | undefined {
  const parameters = parametersOf(query);
  const shape = parameters.find(([name]) => isResultParameter(name));
  if (shape) return `"${shape[0]}" says how an answer is shown, and finds nothing: leave it out.`;
  // parse-query.ts passes over what has no value.
  const empty = parameters.find(([, value]) => value === "");
  if (empty) return `"${empty[0]}" has no value.`;
  try {
    const { types } = parseQuery(type, parameters, "strict", reading);
    for (const { criterion } of types) {
      const reason = reading.unmatchable(criterion);
      if (reason !== undefined) return reason;
    }
    return undefined;
  } catch (error) {
    if (isQueryFault(error)) return error.message;
    throw error;
  }
}

/** As an address has them: percent signs and plus signs decoded. */
function parametersOf(query: string): Parameter[] {
  return [...new URLSearchParams(query)];
}

function readEnd(resource: JsonObject, now: Date, fault: Fault): string | undefined {
  const end = resource.string("end");
  if (end === undefined) return undefined;
  if (!(Date.parse(end) > now.getTime())) fault(".end", `It would have ended already, at ${end}.`, resource, "end");
  return new Date(end).toISOString();
}
