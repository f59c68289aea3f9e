/** Subscriptions of tests, and who keeps them. */
import { readJson } from "../../src/core/fhir/json/read-json.ts";
import { DEFAULT_READ_LIMITS } from "../../src/core/fhir/reading/read-limits.ts";
import { SourceText } from "../../src/core/fhir/reading/source-text.ts";
import type { JsonObject } from "../../src/core/fhir/tree/tree.ts";
import type { HeldSubscription, SubscriptionStatus } from "../../src/events/subscription.ts";

export const AT = "2026-01-01T00:00:00.000Z";

export function heldSubscription(
  n: number,
  channel: Partial<HeldSubscription["channel"]> = {},
  one: Partial<HeldSubscription> = {},
): HeldSubscription {
  const id = `${n.toString(16).padStart(2, "0")}000000-0000-4000-8000-000000000000`;
  return {
    ...{ id, version: 1, at: AT, status: "requested", owner: { kind: "unauthenticated" }, from: 0 },
    wanted: { kind: "topic", topic: "deposited", filters: [] },
    channel: { type: "rest-hook", endpoint: `https://receiver.example/${n}`, headers: [], content: "empty", ...channel },
    shown: shownAs({ resourceType: "Subscription", id }),
    ...one,
  };
}

function shownAs(value: object): JsonObject {
  const { resource } = readJson(new SourceText(JSON.stringify(value)), DEFAULT_READ_LIMITS);
  if (!resource) throw new Error("no resource");
  return resource;
}

/** As SubscriptionRecords, in memory. */
export class HeldInMemory {
  readonly #byId = new Map<string, HeldSubscription>();
  /** Why, as it was given with `error`. */
  readonly errors = new Map<string, string>();

  put(...all: readonly HeldSubscription[]): void {
    for (const one of all) this.#byId.set(one.id, one);
  }

  remove(id: string): void {
    this.#byId.delete(id);
  }

  all(): Promise<readonly HeldSubscription[]> {
    return Promise.resolve([...this.#byId.values()]);
  }

  find(id: string): Promise<HeldSubscription | undefined> {
    return Promise.resolve(this.#byId.get(id));
  }

  setStatus(
    { id, version }: Pick<HeldSubscription, "id" | "version">,
    status: SubscriptionStatus,
    error?: string,
  ): Promise<HeldSubscription | undefined> {
    const now = this.#byId.get(id);
    if (now?.version !== version) return Promise.resolve(undefined);
    const changed = { ...now, version: version + 1, status };
    this.#byId.set(id, changed);
    if (error !== undefined) this.errors.set(id, error);
    return Promise.resolve(changed);
  }
}
