/** Understands Subscription.channel (read-subscription.ts). */
import type { JsonObject } from "../core/fhir/tree/tree.ts";
import type { CallbackAllow } from "../security/issuers/reach.ts";
import { endpointFault } from "./endpoint-fault.ts";
import type { PayloadContent, SubscriptionChannel } from "./subscription.ts";
import { BACKPORT } from "./topics.ts";

/** Says what is wrong with an element. */
export type Fault = (element: string, text: string, of?: JsonObject, name?: string) => void;

type Type = SubscriptionChannel["type"];
type Payload = NonNullable<SubscriptionChannel["payload"]>;

const EXTENSION = `${BACKPORT}/StructureDefinition/backport-`;
const TYPES: readonly string[] = ["rest-hook", "websocket", "message"] satisfies Type[];
const CONTENTS: readonly string[] = ["empty", "id-only", "full-resource"] satisfies PayloadContent[];
const PAYLOADS: readonly string[] = ["application/fhir+json", "application/fhir+xml"] satisfies Payload[];

/** What a whole number may be, of each of the Backport's extensions upon the channel, and by which value it is told. */
const NUMBERS = {
  "heartbeat-period": { value: "valueUnsignedInt", least: 10, most: 604_800 },
  timeout: { value: "valueUnsignedInt", least: 1, most: 60 },
  "max-count": { value: "valuePositiveInt", least: 1, most: 2_147_483_647 },
} as const;

const MOST_HEADERS = 20;
const LONGEST_HEADER = 4_000;
const HEADER = /^([!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}):[ \t]*([\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?)$/;
/** They say how a request is carried, or what it carries, which is ours (RFC 9110 section 7.6.1), or would let it be understood as two. */
const OURS =
  /^(?:host|content-.*|transfer-encoding|connection|keep-alive|proxy-.*|te|trailer|upgrade|expect|http2-settings|accept.*|range|date|via|forwarded)$/i;

/** @param isTopic of the Backport; else R4's own form. Undefined when something was wrong, which `fault` was told. */
export function readChannel(
  resource: JsonObject,
  { isTopic, callbackAllow }: { readonly isTopic: boolean; readonly callbackAllow: CallbackAllow },
  fault: Fault,
): SubscriptionChannel | undefined {
  const channel = resource.object("channel");
  const type = channel && readType(channel, fault);
  if (!channel || !type) return undefined;
  const payload = readPayload(channel, { type, isTopic }, fault);
  const content = readContent(channel, isTopic, fault);
  const endpoint = readEndpoint(channel, type, callbackAllow, fault);
  const numbers = readNumbers(channel, isTopic, fault);
  if (type === "message" && numbers.heartbeatPeriod !== undefined)
    fault(".channel.extension", "There is no message that says nothing: a heartbeat is for rest-hook and websocket.", channel, "extension");
  return {
    type,
    ...(endpoint !== undefined && { endpoint }),
    ...(payload !== undefined && { payload }),
    headers: readHeaders(channel, type, fault),
    ...(content !== undefined && { content }),
    ...numbers,
  };
}

function readType(channel: JsonObject, fault: Fault): Type | undefined {
  const type = channel.string("type") ?? "";
  for (const extension of channel.object("_type")?.objects("extension") ?? []) {
    const code = extension.object("valueCoding")?.string("code");
    if (extension.string("url") !== `${EXTENSION}channel-type`)
      fault(".channel.type.extension", `${extension.string("url") ?? ""} is not known here.`, extension, "url");
    else if (code !== type) fault(".channel.type.extension", `There is no channel "${code ?? ""}" here.`, extension, "valueCoding");
  }
  if (TYPES.includes(type)) return type as Type;
  fault(".channel.type", `Notifications are sent by ${TYPES.join(", ")}; not by "${type}".`, channel, "type");
  return undefined;
}

/** In which FHIR's version it is said may stand with it, as `fhirVersion=4.0` (R4 versioning.html, MIME-type parameter). */
function readPayload(channel: JsonObject, { type, isTopic }: { readonly type: Type; readonly isTopic: boolean }, fault: Fault): Payload | undefined {
  const given = channel.string("payload");
  if (given === undefined) {
    if (isTopic) fault(".channel.payload", `Say in which form notifications are wanted: ${PAYLOADS.join(" or ")}.`, channel, "type");
    // A message is never without content.
    return type === "message" ? "application/fhir+json" : undefined;
  }
  const payload = given.replace(/\s*;\s*fhirVersion\s*=\s*"?4\.0"?\s*$/i, "").toLowerCase();
  if (!PAYLOADS.includes(payload))
    fault(".channel.payload", `Notifications are sent as ${PAYLOADS.join(" or ")} of FHIR 4.0; not as "${given}".`, channel, "payload");
  if (type === "websocket" && !isTopic)
    fault(".channel.payload", "What is told by R4's websocket is that something happened, without a payload.", channel, "payload");
  return payload as Payload;
}

function readContent(channel: JsonObject, isTopic: boolean, fault: Fault): PayloadContent | undefined {
  const extensions = channel.object("_payload")?.objects("extension") ?? [];
  const strange = extensions.find((one) => one.string("url") !== `${EXTENSION}payload-content`);
  if (strange) fault(".channel.payload.extension", `${strange.string("url") ?? ""} is not known here.`, strange, "url");
  const codes = extensions.filter((one) => one !== strange).map((one) => one.string("valueCode") ?? "");
  if (!isTopic) {
    if (codes.length > 0) fault(".channel.payload.extension", "backport-payload-content belongs to a topic.", extensions[0], "url");
    return undefined;
  }
  const [content = ""] = codes;
  if (codes.length === 1 && CONTENTS.includes(content)) return content as PayloadContent;
  if (!strange)
    fault(
      ".channel.payload.extension",
      `backport-payload-content is one of ${CONTENTS.join(", ")}.`,
      extensions[0] ?? channel,
      extensions[0] ? "valueCode" : "payload",
    );
  return undefined;
}

function readEndpoint(channel: JsonObject, type: Type, allow: CallbackAllow, fault: Fault): string | undefined {
  const endpoint = channel.string("endpoint");
  if (type === "websocket") {
    if (endpoint !== undefined) fault(".channel.endpoint", "A websocket is opened by the client: it has no endpoint.", channel, "endpoint");
    return undefined;
  }
  const wrong = endpoint === undefined ? "Say where notifications are to be sent." : endpointFault(endpoint, allow);
  if (wrong !== undefined) fault(".channel.endpoint", wrong, channel, endpoint === undefined ? "type" : "endpoint");
  return endpoint;
}

function readHeaders(channel: JsonObject, type: Type, fault: Fault): readonly string[] {
  const headers = channel.items("header").filter((one) => typeof one === "string");
  const wrong = (text: string): void => fault(".channel.header", text, channel, "header");
  if (type === "websocket" && headers.length > 0) wrong("Nothing is sent with headers by a websocket.");
  if (headers.length > MOST_HEADERS) wrong(`At most ${MOST_HEADERS} headers are sent.`);
  for (const header of headers) {
    const [, name = ""] = HEADER.exec(header) ?? [];
    // A header may be a secret: its value is in no answer.
    if (name === "" || header.length > LONGEST_HEADER)
      wrong(`A header is one line of ASCII, "Name: value", with at most ${LONGEST_HEADER} characters.`);
    else if (OURS.test(name)) wrong(`The header ${name} is not yours to set.`);
  }
  return headers;
}

function readNumbers(channel: JsonObject, isTopic: boolean, fault: Fault): Pick<SubscriptionChannel, "heartbeatPeriod" | "timeout" | "maxCount"> {
  const read = new Map<string, number>();
  for (const extension of channel.objects("extension")) {
    const url = extension.string("url") ?? "";
    const name = Object.keys(NUMBERS).find((one) => url === EXTENSION + one) as keyof typeof NUMBERS | undefined;
    if (!name || !isTopic || read.has(name)) {
      fault(
        ".channel.extension",
        name && !isTopic ? `backport-${name} belongs to a topic.` : `${url} is not known here, or stands twice.`,
        extension,
        "url",
      );
      continue;
    }
    const { value, least, most } = NUMBERS[name];
    const given = extension.get(value);
    const number = typeof given === "object" && given !== null && "text" in given ? Number(given.text) : Number.NaN;
    if (!(number >= least && number <= most)) fault(".channel.extension", `backport-${name} is from ${least} to ${most}.`, extension, value);
    read.set(name, number);
  }
  const [heartbeatPeriod, timeout, maxCount] = [read.get("heartbeat-period"), read.get("timeout"), read.get("max-count")];
  return {
    ...(heartbeatPeriod !== undefined && { heartbeatPeriod }),
    ...(timeout !== undefined && { timeout }),
    ...(maxCount !== undefined && { maxCount }),
  };
}
