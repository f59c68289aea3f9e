/** A house with three documents, whose owner of subscriptions may see the first, may not see the second, and of which the third was erased. */
import { BlockList } from "node:net";
import type { Caller, KnownCaller } from "../../../src/core/asked.ts";
import type { NewTrailEvent } from "../../../src/core/formats/audit-trail.ts";
import { DEFAULT_READ_LIMITS } from "../../../src/core/fhir/reading/read-limits.ts";
import type { SubscriptionEvent } from "../../../src/events/event-rows.ts";
import type { Prepared } from "../../../src/events/prepared.ts";
import type { HeldSubscription } from "../../../src/events/subscription.ts";
import { readAccessPolicy } from "../../../src/security/policy/read-access-policy.ts";
import { HOUSES, marked } from "../access-documents.ts";
import { openHouse, type House } from "../house.ts";
import { ask, type RawAnswer } from "../local-server.ts";
import { readResource, VALIDATOR } from "../../r4.ts";

export const BASE = "https://documents.example.org/fhir";
export const BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-";
const policy = readAccessPolicy(
  JSON.stringify({
    version: "events/1",
    clearance: { reader: ["N"], silent: ["N"] },
    rules: [
      { name: "houses read theirs, and subscribe", permit: ["read", "subscribe"], to: { roles: ["reader"] }, of: { custodian: "own" } },
      { name: "who reads, and may not subscribe any more", permit: ["read"], to: { roles: ["silent"] }, of: { custodian: "own" } },
      { name: "operators look after them", permit: ["oversee"], to: { roles: ["operator"] } },
    ],
  }),
);
const known = (subject: string, roles: readonly string[], house: string): KnownCaller => ({
  ...{ kind: "system", issuer: "https://issuer.example.org", subject, name: subject, roles, clearance: [] },
  organisations: [`${HOUSES}|${house}`],
});
const callers = new Map<string, Caller>([
  ["filler", { kind: "program", name: "filler" }],
  ["owner", known("owner", ["reader"], "A")],
  ["another", known("another", ["reader"], "A")],
  ["operator", known("operator", ["operator"], "C")],
]);

interface Resource {
  readonly resourceType: string;
  readonly id: string;
  readonly [name: string]: unknown;
}
interface Entry {
  readonly fullUrl: string;
  readonly resource?: Resource;
  readonly request: { readonly method: string; readonly url: string };
  readonly response: { readonly status: string };
}
export interface Part {
  readonly name: string;
  readonly part?: readonly Part[];
  readonly valueReference?: { readonly reference: string };
  readonly [name: string]: unknown;
}
export interface Bundle {
  readonly type: string;
  readonly total?: number;
  readonly entry?: readonly Entry[];
}

const listed = new BlockList();
listed.addAddress("127.0.0.1");
export let house: House;
export const told: NewTrailEvent[] = [];
/** Of house A; of house B, which the owner may not see; of house A, erased since. */
export const ids: string[] = [];
export const by = (caller: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<RawAnswer> =>
  ask(house.port, {
    ...{ method: body ? "POST" : "GET", path, ...(body && { body: JSON.stringify(body) }) },
    headers: { "X-Test-Caller": caller, Accept: "application/fhir+json", "Content-Type": "application/fhir+json", ...headers },
  });
const idOf = (answer: RawAnswer): string => answer.headers.location?.split("/").at(-3) ?? "";
export const bundleOf = (text: string | Uint8Array | undefined): Required<Bundle> => ({
  entry: [],
  total: 0,
  ...(JSON.parse(Buffer.from(text ?? "").toString()) as Bundle),
});
export const make = async (criteria: string, content: string | undefined, channel: object = {}): Promise<HeldSubscription> => {
  const topical = content !== undefined && { _payload: { extension: [{ url: `${BACKPORT}payload-content`, valueCode: content }] } };
  const body = {
    ...{ resourceType: "Subscription", status: "requested", reason: "a test", criteria },
    channel: {
      ...{
        type: "rest-hook",
        endpoint: "https://receiver.example.org/in?key=secret-5",
        payload: "application/fhir+json",
        header: ["X-Key: secret-6"],
      },
      ...topical,
      ...channel,
    },
  };
  const answer = await by("owner", "/fhir/Subscription", body);
  if (answer.status !== 201) throw new Error(String(answer.body));
  const held = await house.subscriptions.records.find(idOf(answer));
  return held as HeldSubscription;
};
export const topic = (kind: string): string => `${BASE}/SubscriptionTopic/document-${kind}`;
export const eventsOf = (
  subscription: string,
  foci: readonly (readonly string[])[],
  kind: SubscriptionEvent["kind"] = "deposited",
): SubscriptionEvent[] => foci.map((focus, at) => ({ subscription, number: at + 1, position: at, kind, at: "2026-03-14T09:30:00.000Z", focus }));
export const parametersIn = ({ entry: [first] }: Required<Bundle>): readonly Part[] => (first?.resource?.["parameter"] ?? []) as readonly Part[];
export const value = (parts: readonly Part[], name: string): unknown => {
  const part = parts.find((one) => one.name === name);
  return Object.entries(part ?? {}).find(([key]) => key.startsWith("value"))?.[1];
};
export const validate = (
  text: string | Uint8Array | undefined,
  mediaType: "application/fhir+json" | "application/fhir+xml" = "application/fhir+json",
): readonly string[] => {
  const { resource, issues } = readResource(Buffer.from(text ?? ""), mediaType, DEFAULT_READ_LIMITS);
  const found = resource ? VALIDATOR.validate(resource, issues) : issues;
  return found
    .filter(({ severity }) => severity === "error" || severity === "fatal")
    .map(({ rule, text: what, expression }) => `${rule} ${expression ?? ""}: ${what}`);
};
export const prepare = (held: HeldSubscription, events: readonly SubscriptionEvent[], count = events.length): Promise<readonly Prepared[]> =>
  house.served.registry.preparing.prepare(held, { type: "event-notification", events, count });

/** Opens the house with its documents. */
export async function openAll(): Promise<void> {
  const trail = { record: (given: readonly NewTrailEvent[]) => Promise.resolve(void told.push(...given)) };
  house = await openHouse({ policy, callers, trail, callbackAllow: { hosts: new Set(["127.0.0.1"]), addresses: listed } });
  for (const [name, of] of [
    ["one", "A"],
    ["two", "B"],
    ["three", "A"],
  ] as const)
    // prettier-ignore
    ids.push(idOf(await by("filler", "/fhir/Bundle", JSON.parse(marked({ name, house: of, person: name }).json) as object)));
  await house.erase(ids[2] ?? "");
}
