/** What somebody is told of events by now: their owner's rights are asked anew whenever one is told, and it is taken down for the audit trail (docs/design/events.md). */
import type { Asked } from "../../../core/asked.ts";
import { AppError } from "../../../core/errors.ts";
import type { SubscriptionEvent } from "../../../events/event-rows.ts";
import type { Reader } from "../../../reader/reader.ts";
import { isPersonId } from "../../../search/derived/person.ts";
import { pathOf } from "../../../search/query/resource-id.ts";
import type { ToldEvent, ToldFocus } from "./notification.ts";

export interface TellingNeeds {
  readonly reader: Pick<Reader, "standing" | "pageOf" | "person">;
  readonly fhirBase: string;
  /** Told of a document that is damaged: its event is told without content, so that others do not wait behind it. */
  onDamage(error: AppError): void;
}

interface Placed {
  readonly reference: string;
  readonly type: string;
  readonly documentId: string;
  readonly path: string;
}

/**
 * Events with what of their foci may be told, in their order: one that may not be known by now has none.
 * @param form in which resources are written; undefined: none is
 * @throws AppErrors of the Reader
 */
export async function toldEvents(
  asked: Asked,
  events: readonly SubscriptionEvent[],
  form: "json" | "xml" | undefined,
  { reader, fhirBase, onDamage }: TellingNeeds,
): Promise<readonly ToldEvent[]> {
  const placed = new Map<string, Placed>();
  for (const reference of new Set(events.flatMap(({ focus }) => focus))) {
    const [type = "", id = ""] = reference.split("/");
    const place = isPersonId(id) ? await placeOfPerson(asked, id, reader) : pathOf(id);
    if (place) placed.set(reference, { reference, type, ...place });
  }
  const all = [...placed.values()];
  const standing = new Map((await reader.standing(asked, all)).map((one, at) => [all[at]?.reference ?? "", one]));
  const known = form === undefined ? [] : all.filter(({ reference }) => standing.get(reference) === "known");
  const texts = await textsOf(asked, known, form ?? "json", { reader, fhirBase, onDamage });
  const told = (reference: string): ToldFocus[] => {
    const state = standing.get(reference);
    if (state === "gone") return [{ reference, state }];
    const text = texts.get(reference);
    // What was erased, or may not be read, since it was asked about.
    return state !== "known" || (form !== undefined && text === undefined) ? [] : [{ reference, state, ...(text !== undefined && { text }) }];
  };
  return events.map((event) => {
    const [first, ...others] = event.focus;
    const focus = first === undefined ? [] : told(first);
    // What else stands with it says something of it.
    return { event, foci: focus.length === 0 ? [] : [...focus, ...others.flatMap(told)] };
  });
}

/** A person is told of as they stand in the document that speaks for them now; undefined when the asker may not know of them. */
async function placeOfPerson(
  asked: Asked,
  id: string,
  reader: Pick<Reader, "person">,
): Promise<{ readonly documentId: string; readonly path: string } | undefined> {
  try {
    return { documentId: (await reader.person(asked, id)).documentId, path: id };
  } catch (error) {
    if (error instanceof AppError && (error.code === "not-found" || error.code === "forbidden")) return undefined;
    throw error;
  }
}

/** Resources as they are written, by their references; without those that cannot be had. */
async function textsOf(
  asked: Asked,
  wanted: readonly Placed[],
  form: "json" | "xml",
  { reader, fhirBase, onDamage }: TellingNeeds,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  if (wanted.length === 0) return found;
  const page = await reader.pageOf(
    asked,
    wanted.map(({ type, documentId, path }) => ({ type, documentId, path })),
    { form, pretty: false, fhirBase, shown: { kind: "whole" } },
  );
  await Promise.all(
    [...Map.groupBy(wanted, ({ documentId }) => documentId)].map(async ([documentId, own]) => {
      const texts = await page.of(documentId).catch((error: unknown) => {
        if (!(error instanceof AppError) || !["not-found", "gone", "damaged"].includes(error.code)) throw error;
        if (error.code === "damaged") onDamage(error);
        return [];
      });
      own.forEach(({ reference }, at) => {
        const text = texts[at];
        if (text !== undefined) found.set(reference, text);
      });
    }),
  );
  return found;
}
