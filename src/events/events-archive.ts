/** Events of subscriptions, and how far receivers have come, in a backup and from one engine to another: their numbers are told to others, and are the same for ever. docs/formats.md, Backup. */
import { digestOf } from "../core/crypto/digest.ts";
import { AppError } from "../core/errors.ts";
import type { JsonObject } from "../core/fhir/tree/tree.ts";
import { countField, optionalText, textField } from "../core/formats/fields.ts";
import { formatManifest, objectsAt, parseManifest } from "../pipeline/backup/manifest.ts";
import type { Archive } from "../pipeline/backup/write-backup.ts";
import type { Delivery, EventName, EventRows, SubscriptionEvent } from "./event-rows.ts";
import { eventKindOf, fociOf } from "./kept-events.ts";

const SHAPE = { format: "chartulary-events-backup/1", required: ["parts", "matched", "events", "deliveries"] };
const PAGE = 1_000;
/** Nothing stands beside the manifest. */
const NO_PARTS = new Uint8Array();

/** What is put where rows arrive. */
type Arriving = Pick<EventRows, "counts" | "append" | "begin">;

export interface EventsUpTo {
  /** The size of the record that they go along with: events of entries beyond it are not told of there. */
  readonly upTo: number;
  /** Entries that were matched; undefined: nothing was matched ever. */
  readonly matched: number | undefined;
}

/** Adds to an archive what was matched since, and how far receivers have come by now; gives how many events. */
export async function writeEvents(
  rows: Pick<EventRows, "page" | "deliveries">,
  archive: Pick<Archive, "members" | "read" | "add">,
  { upTo, matched }: EventsUpTo,
): Promise<number> {
  const ends = new Map<string, number>();
  for (const member of archive.members)
    for (const { subscription, number } of parseMember(await archive.read(member)).events) ends.set(subscription, number);
  const add = (events: readonly SubscriptionEvent[], deliveries: readonly Delivery[]): Promise<void> => {
    const name = `events/${String(archive.members.length).padStart(12, "0")}.json`;
    // Where nothing was matched it begins where it would have begun: at the end.
    const fields = { format: SHAPE.format, matched: Math.min(matched ?? upTo, upTo), events, deliveries, parts: digestOf(NO_PARTS) };
    return archive.add([{ name, bytes: formatManifest(fields) }]);
  };
  let count = 0;
  for await (const events of pagesOf(rows, upTo, ends)) {
    await add(events, []);
    count += events.length;
  }
  await add([], await rows.deliveries());
  return count;
}

/** Puts what an archive has where a repository arrives; gives how many events, and how many entries were matched. AppError `damaged`. */
export async function readEvents(
  archive: Pick<Archive, "members" | "read">,
  rows: Arriving,
): Promise<{ readonly count: number; readonly matched: number | undefined }> {
  let [count, matched, deliveries]: [number, number | undefined, readonly Delivery[]] = [0, undefined, []];
  for (const member of archive.members) {
    const parsed = parseMember(await archive.read(member));
    await put(rows, parsed.events);
    count += parsed.events.length;
    ({ matched, deliveries } = parsed);
  }
  await putDeliveries(rows, deliveries);
  return { count, matched };
}

/** Copies them; gives how many events. */
export async function copyEvents(from: Pick<EventRows, "page" | "deliveries">, to: Arriving, upTo: number): Promise<number> {
  let count = 0;
  for await (const events of pagesOf(from, upTo, new Map())) {
    await put(to, events);
    count += events.length;
  }
  await putDeliveries(to, await from.deliveries());
  return count;
}

/** Those of entries below a size, page by page, of each subscription behind the last one that is known. */
async function* pagesOf(
  rows: Pick<EventRows, "page">,
  upTo: number,
  ends: ReadonlyMap<string, number>,
): AsyncGenerator<readonly SubscriptionEvent[]> {
  for (let after: EventName | undefined; ;) {
    const found = await rows.page(after, PAGE);
    const last = found.at(-1);
    if (last === undefined) return;
    const endOf = ({ subscription }: EventName): number => ends.get(subscription) ?? 0;
    const told = found.filter((event) => event.number > endOf(event) && event.position < upTo);
    if (told.length > 0) yield told;
    const number = last.position < upTo ? Math.max(last.number, endOf(last)) : Number.MAX_SAFE_INTEGER;
    after = { subscription: last.subscription, number };
  }
}

/** What an interrupted run has put there already stays. */
async function put(rows: Arriving, events: readonly SubscriptionEvent[]): Promise<void> {
  const counts = await rows.counts([...new Set(events.map(({ subscription }) => subscription))]);
  const late = await rows.append(events.filter(({ subscription, number }) => number > (counts.get(subscription)?.count ?? 0)));
  if (late.size > 0) throw damaged("their numbers do not follow each other");
}

/** Nobody took what is not there. */
async function putDeliveries(rows: Arriving, deliveries: readonly Delivery[]): Promise<void> {
  const counts = await rows.counts(deliveries.map(({ subscription }) => subscription));
  for (const { revision: _, ...delivery } of deliveries)
    await rows.begin({ ...delivery, delivered: Math.min(delivery.delivered, counts.get(delivery.subscription)?.count ?? 0) });
}

interface Member {
  readonly matched: number;
  readonly events: readonly SubscriptionEvent[];
  readonly deliveries: readonly Delivery[];
}

function parseMember(bytes: Uint8Array): Member {
  try {
    const object = parseManifest(bytes, NO_PARTS, SHAPE);
    return {
      matched: countField(object, "matched"),
      events: objectsAt(object, "events").map((one) => ({
        ...{ subscription: textField(one, "subscription"), number: countField(one, "number"), position: countField(one, "position") },
        ...{ kind: eventKindOf(one.string("kind")), at: textField(one, "at"), focus: fociOf(one.items("focus")) },
      })),
      deliveries: objectsAt(object, "deliveries").map(deliveryIn),
    };
  } catch (cause) {
    throw damaged("they are not what was written", cause);
  }
}

function deliveryIn(one: JsonObject): Delivery {
  const lastFailure = optionalText(one, "lastFailure");
  return {
    ...{ subscription: textField(one, "subscription"), revision: countField(one, "revision"), delivered: countField(one, "delivered") },
    ...{ version: countField(one, "version"), failures: countField(one, "failures"), notBefore: countField(one, "notBefore") },
    ...(one.has("failingSince") && { failingSince: countField(one, "failingSince") }),
    ...(lastFailure !== undefined && { lastFailure }),
    ...(one.has("lastSuccess") && { lastSuccess: countField(one, "lastSuccess") }),
  };
}

function damaged(what: string, cause?: unknown): AppError {
  return new AppError(
    "damaged",
    `the backup's events of subscriptions (events.tar) cannot be taken: ${what}. Without that file the backup is restored without them, and subscriptions count from 1 again`,
    { cause },
  );
}
