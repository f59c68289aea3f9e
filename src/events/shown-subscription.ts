/** A subscription as its owner reads it. */
import { servedMeta } from "../core/fhir/served-meta.ts";
import { JsonObject } from "../core/fhir/tree/tree.ts";
import type { SubscriptionStatus } from "./subscription.ts";

/** Ours, whatever was sent. */
const OURS: ReadonlySet<string> = new Set(["resourceType", "id", "_id", "meta", "implicitRules", "status", "_status", "error", "_error"]);

/** @param resource as it was sent, without secrets */
export function shownSubscription(
  resource: JsonObject,
  {
    id,
    version,
    at,
    status,
    error,
  }: {
    readonly id: string;
    readonly version: number;
    readonly at: string;
    readonly status: SubscriptionStatus;
    readonly error: string | undefined;
  },
): JsonObject {
  const shown = new JsonObject().add("resourceType", "Subscription").add("id", id);
  shown.add("meta", servedMeta(resource.object("meta"), { receivedAt: at, versionId: String(version) })).add("status", status);
  for (const name of resource.names) if (!OURS.has(name)) shown.add(name, resource.get(name) ?? null);
  return error === undefined ? shown : shown.add("error", error);
}

/** Without the headers that are sent with a notification: they are secrets. */
export function withoutHeaders(resource: JsonObject): JsonObject {
  const copy = new JsonObject(resource.offset);
  resource.names.forEach((name, at) => {
    const value = resource.get(name) ?? null;
    copy.add(name, name === "channel" && value instanceof JsonObject ? value.without("header", "_header") : value, resource.offsets[at]);
  });
  return copy;
}
