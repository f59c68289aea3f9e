/** Receivers of notifications that take nothing, subscriptions that were given up, and those whose owners are not let in any more. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "../../config.ts";
import type { Keys } from "../../core/crypto/keys.ts";
import type { Delivery } from "../../events/event-rows.ts";
import { OWNER_GONE, type HeldSubscription } from "../../events/subscription.ts";
import { SubscriptionRecords } from "../../events/subscription-records.ts";
import { createDocumentKeys } from "../../pipeline/store/document-keys.ts";
import type { Engine } from "../engine.ts";
import { openSettings } from "../settings.ts";
import { notice, wrong, type Tell } from "./examination.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Receivers that are named. */
const MOST = 20;
/** Answers that are counted. */
const MOST_ANSWERS = 1_000;
const HELPS =
  "see to its receiver (`chartulary subscriptions test ID` calls it); then `chartulary subscriptions resume ID` has it tried at once, from where it stopped";
const ORPHAN = "delete it, and have somebody who is let in make another; if its owner is let in again, `chartulary subscriptions resume ID`";

export async function lookAtSubscriptions(
  engine: Pick<Engine, "openEvents" | "store" | "wrappedKeys">,
  keys: Keys,
  { mongodbUrl, dataFolder }: Pick<Config, "mongodbUrl" | "dataFolder">,
  tell: Tell,
): Promise<void> {
  // Where nobody ever subscribed there is nothing, and nothing is made.
  if (mongodbUrl === undefined && !(await stat(join(dataFolder, "events.db")).catch(() => undefined))) return;
  const settings = await openSettings({ store: engine.store, documentKeys: createDocumentKeys(keys, engine.wrappedKeys), keys });
  const all = await new SubscriptionRecords(settings).all();
  const rows = await engine.openEvents();
  try {
    tellSubscriptions(all, await rows.deliveries(), tell);
    tellAnswers((await rows.outgoing("dead", MOST_ANSWERS)).length, tell);
  } finally {
    await rows.close();
  }
}

/** Tells of answers to messages that were given up. */
export function tellAnswers(count: number, tell: Tell): void {
  if (count === 0) return;
  const text = `${count >= MOST_ANSWERS ? "at least " : ""}${count} answers to messages were not taken at their response-url, and are not tried any more`;
  tell(wrong(text, "`chartulary messages` names them, `resend` tries them anew, and `remove ID` forgets one"));
}

/** Tells of those in error, and of receivers that take nothing for a while; not of what has ended or was deleted. */
export function tellSubscriptions(
  all: readonly Pick<HeldSubscription, "id" | "at" | "status" | "shown">[],
  deliveries: readonly Pick<Delivery, "subscription" | "failingSince" | "lastFailure">[],
  tell: Tell,
): void {
  const byId = new Map(deliveries.map((one) => [one.subscription, one]));
  // The newest first: what has been so for long was told before.
  const given = all.filter(({ status }) => status === "error").sort((one, other) => (one.at < other.at ? 1 : -1));
  for (const { id, at, shown } of given.slice(0, MOST)) {
    const reason = shown.string("error") ?? "";
    tell(wrong(`Subscription/${id} is in error since ${at}: ${reason}`, reason.startsWith(OWNER_GONE) ? ORPHAN : HELPS));
  }
  tellMore(given.length - MOST, tell);
  const failing = all.flatMap(({ id, status }) => {
    const { failingSince, lastFailure = "" } = byId.get(id) ?? {};
    const isTried = status === "active" || status === "requested";
    return isTried && failingSince !== undefined && Date.now() - failingSince > HOUR ? [{ id, failingSince, lastFailure }] : [];
  });
  for (const { id, failingSince, lastFailure } of failing.slice(0, MOST)) {
    const since = new Date(failingSince).toISOString();
    const text = `the receiver of Subscription/${id} takes nothing since ${since}: ${lastFailure}`;
    tell(Date.now() - failingSince > DAY ? wrong(text, HELPS) : notice(text, HELPS));
  }
  tellMore(failing.length - MOST, tell);
}

function tellMore(more: number, tell: Tell): void {
  if (more > 0) tell(wrong(`and so it is with ${more} others`, "`chartulary subscriptions list` names them"));
}
