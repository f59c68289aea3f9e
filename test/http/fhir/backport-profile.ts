/**
 * The constraints of the profiles backport-subscription-notification-r4, backport-subscription-status-r4 and backport-subscription (R5 Subscriptions Backport 1.1.0), written down by hand from the guide's source: what breaks
 * them, in words. R4's own rules are the validator's.
 */
import { BACKPORT } from "../../../src/events/topics.ts";
import type { Part } from "./subscription-house.ts";

/** A slice of a list of parameters: by its name, how often, and what it holds. */
interface Slice {
  readonly least: number;
  readonly most: number;
  /** `valueString`: of this type alone; absent: no value. */
  readonly value?: string;
  /** Whether there must be a value in each. */
  readonly isValued?: boolean;
  readonly codes?: readonly string[];
  /** What its reference leads to. */
  readonly target?: RegExp;
  readonly parts?: Slices;
}
type Slices = Readonly<Record<string, Slice>>;

const EVENT: Slices = {
  "event-number": { least: 1, most: 1, value: "valueString", isValued: true },
  timestamp: { least: 0, most: 1, value: "valueInstant" },
  focus: { least: 0, most: 1, value: "valueReference" },
  "additional-context": { least: 0, most: Infinity, value: "valueReference" },
};
const STATUS: Slices = {
  subscription: { least: 1, most: 1, value: "valueReference", isValued: true, target: /(^|\/)Subscription\/[A-Za-z0-9.-]{1,64}$/ },
  topic: { least: 0, most: 1, value: "valueCanonical" },
  status: { least: 1, most: 1, value: "valueCode", isValued: true, codes: ["requested", "active", "error", "off"] },
  type: {
    least: 1,
    most: 1,
    value: "valueCode",
    isValued: true,
    codes: ["handshake", "heartbeat", "event-notification", "query-status", "query-event"],
  },
  "events-since-subscription-start": { least: 0, most: 1, value: "valueString" },
  "notification-event": { least: 0, most: Infinity, parts: EVENT },
  error: { least: 0, most: Infinity, value: "valueCodeableConcept" },
};

interface Resource {
  readonly resourceType?: string;
  readonly meta?: { readonly profile?: readonly string[] };
  readonly type?: string;
  readonly parameter?: readonly Part[];
  readonly entry?: readonly { readonly resource?: Resource }[];
  readonly [name: string]: unknown;
}

const profile = (name: string): string => `${BACKPORT}/StructureDefinition/${name}`;

/** Of a status, which R4 has as Parameters. */
export function statusFaults(status: Resource | undefined): string[] {
  if (status?.resourceType !== "Parameters") return ["a status is Parameters"];
  return [...declared(status, "backport-subscription-status-r4"), ...sliceFaults(status.parameter ?? [], STATUS, "parameter")];
}

/** Of a notification. */
export function notificationFaults(bundle: Resource): string[] {
  const [first, ...others] = bundle.entry ?? [];
  return [
    ...declared(bundle, "backport-subscription-notification-r4"),
    ...(bundle.resourceType === "Bundle" && bundle.type === "history" ? [] : ["it is a Bundle of type history"]),
    // backport-notification-bundle-r4-1, and the slice's 1..1: its discriminator is the type of the resource.
    ...statusFaults(first?.resource),
    ...(others.some(({ resource }) => resource?.resourceType === "Parameters") ? ["there is one status"] : []),
  ];
}

/** Of a Subscription to a topic, as it is shown. */
export function subscriptionFaults(subscription: Resource): string[] {
  const { criteria, channel } = subscription as { readonly criteria?: string; readonly channel?: Readonly<Record<string, unknown>> };
  const payload = channel?.["_payload"] as { readonly extension?: readonly { readonly url: string; readonly valueCode?: string }[] } | undefined;
  const content = (payload?.extension ?? []).filter(({ url }) => url === profile("backport-payload-content"));
  const isContent = content.length === 1 && ["empty", "id-only", "full-resource"].includes(content[0]?.valueCode ?? "");
  return [
    ...(typeof criteria === "string" && URL.canParse(criteria) ? [] : ["criteria is the canonical address of a topic"]),
    ...(channel?.["payload"] === undefined ? ["channel.payload is there"] : []),
    ...(isContent ? [] : ["channel.payload has one content level"]),
  ];
}

function declared({ meta }: Resource, name: string): string[] {
  return meta?.profile?.includes(profile(name)) === true ? [] : [`it declares ${name}`];
}

function sliceFaults(all: readonly Part[], slices: Slices, path: string): string[] {
  return Object.entries(slices).flatMap(([name, slice]) => {
    const own = all.filter((one) => one.name === name);
    const where = `${path}:${name}`;
    const count = own.length < slice.least || own.length > slice.most ? [`${where} stands there ${own.length} times`] : [];
    return [...count, ...own.flatMap((one) => partFaults(one, slice, where))];
  });
}

function partFaults(one: Part, { value, isValued = false, codes, target, parts }: Slice, where: string): string[] {
  const values = Object.entries(one).filter(([key]) => key.startsWith("value"));
  const strange = values.filter(([key]) => key !== value);
  const [, held] = values[0] ?? [];
  return [
    ...strange.map(([key]) => `${where} has ${key}`),
    ...(isValued && values.length !== 1 ? [`${where} has a value`] : []),
    ...(codes && !codes.includes(String(held)) ? [`${where} is none of its codes`] : []),
    ...(target && !target.test(one.valueReference?.reference ?? "") ? [`${where} leads to no Subscription`] : []),
    ...(parts ? sliceFaults(one.part ?? [], parts, where) : []),
  ];
}
