/** Which documents the retention policy lets go, of the index; and what each says itself, before it is erased. A part of the composition root. */
import type { DueDocument, DueTold } from "../cli/command.ts";
import { AppError } from "../core/errors.ts";
import { custodyOf, type CustodyContext } from "../pipeline/custody.ts";
import { retentionOf, type Retention, type RetentionPolicy } from "../pipeline/retention.ts";
import type { Described, IndexedDocument, IndexPort } from "../search/index-port.ts";
import { PERMIT_ALL } from "../search/predicate.ts";

/** How many rows of the index are looked at together. */
const PAGE = 500;

/** What is due, the newest first. Those that are held, too: they say so. */
export async function* dueDocuments(
  index: Pick<IndexPort, "newest">,
  {
    policy,
    now,
    store,
    told,
  }: { readonly policy: RetentionPolicy; readonly now: Date; readonly store: CustodyContext["store"]; readonly told: DueTold },
): AsyncGenerator<DueDocument> {
  let before: { readonly receivedAt: string; readonly from: number } | undefined;
  for (let done = 0; ;) {
    const page = await index.newest(PAGE, PERMIT_ALL, before);
    for (const document of page) {
      const said = retention(document, policy);
      if (said.kind === "undated") told.onUndated(document.summary.id, said.rule);
      if (said.kind !== "due" || said.at > now) continue;
      const { hold, erasure } = await custodyOf(document.summary.id, store);
      if (erasure !== undefined) continue;
      const { id, receivedAt } = document.summary;
      yield { id, receivedAt, dueAt: said.at.toISOString(), rule: said.rule, isHeld: hold !== undefined };
    }
    done += page.length;
    told.onProgress(done);
    const last: IndexedDocument | undefined = page.at(-1);
    if (last === undefined || page.length < PAGE) return;
    before = { receivedAt: last.summary.receivedAt, from: last.from };
  }
}

/** Makes sure that the document itself says what its row of the index says, which somebody may have altered. AppError `damaged`. */
export function confirmDue(described: Described, { policy, now }: { readonly policy: RetentionPolicy; readonly now: Date }): void {
  const said = retention(described, policy);
  if (said.kind !== "due" || said.at > now)
    throw new AppError(
      "damaged",
      `document ${described.summary.id} is not due by what it says itself: the index is wrong; run \`chartulary rebuild\``,
    );
}

function retention({ summary, facts }: Pick<Described, "summary" | "facts">, policy: RetentionPolicy): Retention {
  return retentionOf({ types: facts.type, receivedAt: summary.receivedAt, written: summary.date }, policy);
}
