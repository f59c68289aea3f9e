/** What a Subscription is understood as, in both forms, and that whatever is not supported is refused by its element. */
import { describe, expect, test } from "@jest/globals";
import { BlockList } from "node:net";
import { readJson } from "../../src/core/fhir/json/read-json.ts";
import { DEFAULT_READ_LIMITS } from "../../src/core/fhir/reading/read-limits.ts";
import { SourceText } from "../../src/core/fhir/reading/source-text.ts";
import { writeJson } from "../../src/core/fhir/json/write-json.ts";
import { needsHandshake, readSubscription, type ReadSubscription, type SubscriptionReading } from "../../src/events/read-subscription.ts";
import type { JsonObject } from "../../src/core/fhir/tree/tree.ts";
import { ALLOW_NOTHING } from "../../src/security/issuers/reach.ts";
import { R4, SEARCH_PARAMETERS } from "../r4.ts";

const BASE = "https://documents.example.org/fhir";
const BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-";
const listed = new BlockList();
listed.addSubnet("10.1.0.0", 16, "ipv4");

const reading: SubscriptionReading = {
  definitions: R4.definitions,
  terminology: R4.terminology,
  parameters: SEARCH_PARAMETERS,
  base: BASE,
  now: new Date("2026-03-14T09:30:00Z"),
  callbackAllow: { hosts: new Set(["listener.example"]), addresses: listed },
  unmatchable: ({ kind }) => (kind === "refers" ? "not by what another resource says" : undefined),
};

function understood(resource: object, callbackAllow = reading.callbackAllow): ReadSubscription {
  const { resource: tree } = readJson(new SourceText(JSON.stringify(resource)), DEFAULT_READ_LIMITS);
  return readSubscription(tree as JsonObject, { ...reading, callbackAllow });
}

interface Channel {
  readonly [name: string]: unknown;
}

const plain = (criteria: string, channel: Channel = {}, more: object = {}): object => ({
  ...{ resourceType: "Subscription", status: "requested", reason: "a test", criteria },
  channel: { type: "rest-hook", endpoint: "https://receiver.example.org/in", ...channel },
  ...more,
});
interface Topical {
  readonly topic?: string;
  readonly filters?: readonly string[];
  readonly content?: string;
  readonly channel?: Channel;
  readonly more?: object;
}

const topical = ({ topic = "document-deposited", filters = [], content = "id-only", channel = {}, more = {} }: Topical = {}): object => ({
  ...{ resourceType: "Subscription", status: "requested", reason: "a test", criteria: `${BASE}/SubscriptionTopic/${topic}` },
  ...(filters.length > 0 && { _criteria: { extension: filters.map((valueString) => ({ url: `${BACKPORT}filter-criteria`, valueString })) } }),
  channel: {
    ...{ type: "rest-hook", endpoint: "https://receiver.example.org/in", payload: "application/fhir+json" },
    _payload: { extension: [{ url: `${BACKPORT}payload-content`, valueCode: content }] },
    ...channel,
  },
  ...more,
});

describe("what is understood", () => {
  const read = (resource: object): Extract<ReadSubscription, { readonly kind: "read" }> => {
    const found = understood(resource);
    if (found.kind !== "read") throw new Error(JSON.stringify(found.issues));
    return found;
  };

  test("R4's own form: a search, and headers that are in what is kept and not in what is shown", () => {
    const channel = { payload: "application/fhir+xml;fhirVersion=4.0", header: ["Authorization: Bearer secret-1"] };
    const { asked, status } = read(
      plain("Observation?code=http://loinc.org|2823-3&value-quantity=gt5", channel, { end: "2027-01-01T00:00:00+01:00" }),
    );
    expect([status, needsHandshake(asked)]).toEqual(["requested", false]);
    expect(asked.wanted).toEqual({ kind: "search", type: "Observation", query: "code=http://loinc.org|2823-3&value-quantity=gt5" });
    expect(asked.channel).toEqual({
      ...{ type: "rest-hook", endpoint: "https://receiver.example.org/in", payload: "application/fhir+xml" },
      headers: ["Authorization: Bearer secret-1"],
    });
    expect(asked.end).toBe("2026-12-31T23:00:00.000Z");
    expect(writeJson(asked.resource)).not.toContain("secret-1");
    expect(writeJson(asked.resource)).toContain("fhirVersion=4.0");
  });

  test("a topic with its filters, however they are written, and what the channel says", () => {
    const extension = [
      { url: `${BACKPORT}heartbeat-period`, valueUnsignedInt: 60 },
      { url: `${BACKPORT}timeout`, valueUnsignedInt: 10 },
      { url: `${BACKPORT}max-count`, valuePositiveInt: 20 },
    ];
    const filters = ["DocumentReference?type=http://loinc.org|18842-5", "patient=Patient/p-1&status=current", "DocumentReference.security-label=R"];
    const { asked } = read(topical({ topic: "document-retracted", filters, content: "empty", channel: { extension } }));
    expect(asked.wanted).toEqual({
      ...{ kind: "topic", topic: "retracted" },
      filters: ["type=http://loinc.org|18842-5", "patient=Patient/p-1&status=current", "security-label=R"],
    });
    expect(asked.channel).toMatchObject({ content: "empty", heartbeatPeriod: 60, timeout: 10, maxCount: 20, headers: [] });
    expect(needsHandshake(asked)).toBe(true);
  });

  test("websockets have no endpoint, messages a form; a channel may be named by the guide's extension as well", () => {
    const socket = {
      endpoint: undefined,
      type: "websocket",
      _type: { extension: [{ url: `${BACKPORT}channel-type`, valueCoding: { code: "websocket" } }] },
    };
    const { asked } = read(topical({ channel: socket }));
    expect([asked.channel.type, asked.channel.endpoint, needsHandshake(asked)]).toEqual(["websocket", undefined, false]);
    expect(read(plain("DocumentReference", { type: "message" })).asked.channel).toMatchObject({ type: "message", payload: "application/fhir+json" });
    expect(read(plain("DocumentReference", { type: "websocket", endpoint: undefined })).asked.channel).toEqual({ type: "websocket", headers: [] });
  });

  test.each(["http://listener.example:8090/x", "http://10.1.2.3/x", "https://10.1.2.3/x"])("%s is called where the operator lists it", (endpoint) => {
    expect(read(topical({ channel: { endpoint } })).asked.channel.endpoint).toBe(endpoint);
  });

  test("content leaves over plain http to what the operator lists", () => {
    for (const one of [
      topical({ content: "full-resource", channel: { endpoint: "http://10.1.2.3/x" } }),
      plain("Observation", { endpoint: "http://10.1.2.3/x", payload: "application/fhir+json" }),
    ])
      expect(understood(one).kind).toBe("read");
  });
});

describe("what is refused, by its element", () => {
  const extension = (name: string, value: object): Channel => ({ extension: [{ url: `${BACKPORT}${name}`, ...value }] });
  const payload = (more: object): Channel => ({ payload: "application/fhir+json", _payload: { extension: [more] } });

  test.each<readonly [string, string, object]>([
    ["no such topic", ".criteria", { ...topical(), criteria: "http://fhirserver.org/topics/patient-admission" }],
    ["another server's topic", ".criteria", { ...topical(), criteria: "https://other.example.org/fhir/SubscriptionTopic/document-deposited" }],
    ["a filter upon what is gone", ".criteria.extension", topical({ topic: "document-erased", filters: ["type=x"] })],
    ["no such filter", ".criteria.extension", topical({ filters: ["DocumentReference?period=2025"] })],
    ["a filter upon another type", ".criteria.extension", topical({ filters: ["Encounter?patient=Patient/1"] })],
    ["a filter that says nothing", ".criteria.extension", topical({ filters: ["Encounter/unsupported-filter"] })],
    ["a filter without a value", ".criteria.extension", topical({ filters: ["type="] })],
    ["a filter by what another resource says", ".criteria.extension", topical({ filters: ["patient.name=Ada"] })],
    ["an extension of another version", ".criteria.extension", { ...topical(), _criteria: { extension: [{ url: "http://hl7.org/fhir/5.0/subscriptions-backport/StructureDefinition/backport-filter-criteria", valueString: "type=x" }] } }], // prettier-ignore
    ["the same upon the resource", ".extension", topical({ more: { extension: [{ url: "http://hl7.org/fhir/5.0/StructureDefinition/extension-Subscription.topic", valueCanonical: "x" }] } })], // prettier-ignore
    ["a modifier", ".modifierExtension", topical({ more: { modifierExtension: [{ url: "https://example.org/x", valueBoolean: true }] } })],
    ["no such type", ".criteria", plain("Letter?type=x")],
    ["a type that stands in no document", ".criteria", plain("AuditEvent?date=gt2025")],
    ["no search", ".criteria", plain("all of them")],
    ["no such parameter", ".criteria", plain("Observation?colour=red")],
    ["a parameter of the answer", ".criteria", plain("Observation?code=x&_sort=date")],
    ["a parameter without a value", ".criteria", plain("Observation?code=")],
    ["a value that is none", ".criteria", plain("Observation?date=yesterday")],
    ["what can't be held against a document", ".criteria", plain("Observation?patient.name=Ada")],
    ["a filter beside a search", ".criteria.extension", { ...plain("Observation"), _criteria: { extension: [{ url: `${BACKPORT}filter-criteria`, valueString: "type=x" }] } }], // prettier-ignore
    ["email", ".channel.type", plain("Observation", { type: "email", endpoint: "mailto:a@example.org" })],
    ["sms", ".channel.type", topical({ channel: { type: "sms" } })],
    ["a channel of somebody's own", ".channel.type.extension", topical({ channel: { _type: { extension: [{ url: `${BACKPORT}channel-type`, valueCoding: { code: "zulip" } }] } } })], // prettier-ignore
    ["another form", ".channel.payload", plain("Observation", { payload: "application/json" })],
    ["another version", ".channel.payload", plain("Observation", { payload: "application/fhir+json; fhirVersion=5.0" })],
    ["no form", ".channel.payload", topical({ channel: { payload: undefined } })],
    ["another content", ".channel.payload.extension", topical({ content: "half-resource" })],
    ["no content said", ".channel.payload.extension", topical({ channel: { _payload: undefined } })],
    [
      "a payload of a socket of R4",
      ".channel.payload",
      plain("Observation", { type: "websocket", endpoint: undefined, payload: "application/fhir+json" }),
    ],
    [
      "the guide's content beside a search",
      ".channel.payload.extension",
      plain("Observation", payload({ url: `${BACKPORT}payload-content`, valueCode: "empty" })),
    ],
    ["a heartbeat beside a search", ".channel.extension", plain("Observation", extension("heartbeat-period", { valueUnsignedInt: 60 }))],
    [
      "a heartbeat by message",
      ".channel.extension",
      topical({ channel: { type: "message", ...extension("heartbeat-period", { valueUnsignedInt: 60 }) } }),
    ],
    ["a message about something else", ".criteria", plain("Observation?code=x", { type: "message" })],
    ["a heartbeat each second", ".channel.extension", topical({ channel: extension("heartbeat-period", { valueUnsignedInt: 1 }) })],
    ["an hour to answer", ".channel.extension", topical({ channel: extension("timeout", { valueUnsignedInt: 3600 }) })],
    ["an unknown extension", ".channel.extension", topical({ channel: extension("colour", { valueString: "red" }) })],
    [
      "content over plain http to whom nobody listed",
      ".channel.endpoint",
      topical({ content: "full-resource", channel: { endpoint: "http://203.0.113.5/x" } }),
    ],
    ["the resource over plain http to whom nobody listed", ".channel.endpoint", plain("Observation", { endpoint: "http://203.0.113.5/x", payload: "application/fhir+json" })], // prettier-ignore
    ["loopback", ".channel.endpoint", topical({ channel: { endpoint: "https://127.0.0.1/in" } })],
    ["loopback otherwise", ".channel.endpoint", topical({ channel: { endpoint: "https://[::ffff:127.0.0.1]/in" } })],
    ["metadata of a cloud", ".channel.endpoint", topical({ channel: { endpoint: "https://169.254.169.254/latest" } })],
    ["a password in it", ".channel.endpoint", topical({ channel: { endpoint: "https://a:b@receiver.example.org/in" } })],
    ["no address", ".channel.endpoint", topical({ channel: { endpoint: "ftp://receiver.example.org/in" } })],
    ["none", ".channel.endpoint", topical({ channel: { endpoint: undefined } })],
    ["an endpoint of a socket", ".channel.endpoint", topical({ channel: { type: "websocket" } })],
    ["a header in two lines", ".channel.header", topical({ channel: { header: ["X-A: b\r\nX-C: d"] } })],
    ["a header that is ours", ".channel.header", topical({ channel: { header: ["Host: internal"] } })],
    ["an end in the past", ".end", topical({ more: { end: "2026-03-14T09:29:59Z" } })],
    ["a status that is ours", ".status", topical({ more: { status: "error" } })],
  ])("%s: Subscription%s", (_name, element, resource) => {
    const found = understood(resource);
    expect(found.kind === "refused" && found.issues.map(({ expression, severity }) => [expression, severity])).toEqual([
      [`Subscription${element}`, "error"],
    ]);
  });

  test.each(["http://receiver.example.org/in", "https://localhost/in", "http://listener.example/in", "https://10.1.2.3/in"])(
    "%s, where nothing is listed",
    (endpoint) => {
      const found = understood(topical({ channel: { endpoint } }), ALLOW_NOTHING);
      expect(found.kind === "refused" && found.issues.map(({ expression }) => expression)).toEqual(["Subscription.channel.endpoint"]);
    },
  );

  test("no answer repeats the value of a header", () => {
    const found = understood(topical({ channel: { header: ["Authorization: Bearer\u0000 secret-2"] } }));
    expect(found.kind).toBe("refused");
    expect(JSON.stringify(found)).not.toContain("secret-2");
  });
});
