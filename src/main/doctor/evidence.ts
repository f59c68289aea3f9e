/** The log's time-stamps: whether what they rest on is good, and for how long. */
import { EvidenceBook } from "../../pipeline/evidence/evidence-book.ts";
import type { Config } from "../../config.ts";
import type { Engine } from "../engine.ts";
import { notice, wrong, type Tell } from "./examination.ts";

const DAY = 24 * 3_600_000;
/** Before their end, in milliseconds. */
const SOON = 180 * DAY;
const VERY_SOON = 60 * DAY;
const RENEW = "`chartulary evidence renew`, with an authority (TSA_URL) whose certificates are good for longer";

export async function lookAtEvidence({ store }: Pick<Engine, "store">, { timeAuthority, evidenceInterval }: Config, tell: Tell): Promise<void> {
  const newest = await new EvidenceBook(store).newest();
  if (newest === undefined) return;
  const { number, authority, until, stampedAt } = newest;
  const left = Date.parse(until) - Date.now();
  const told = `what the log's newest time-stamp (${number}, by ${authority}) rests on`;
  if (left < 0) tell(wrong(`${told} ended on ${until}: no time-stamp proves when a document came, until the log is stamped anew`, RENEW));
  else if (left < VERY_SOON) tell(wrong(`${told} ends on ${until}: from then on no time-stamp proves when a document came`, RENEW));
  else if (left < SOON) tell(notice(`${told} ends on ${until}`, RENEW));
  if (timeAuthority === undefined) return tell(notice(`the log was time-stamped until ${stampedAt}, and is no more: TSA_URL is not set`, "set TSA_URL and TSA_TRUST_FILE")); // prettier-ignore
  const late = Date.now() - Date.parse(stampedAt) - 3 * (evidenceInterval ?? Infinity);
  const hasGrown = ((await store.checkpoint())?.size ?? 0) > newest.index + 2;
  if (late > 0 && hasGrown) tell(notice(`the log grew, and was time-stamped last at ${stampedAt}`, "see the service's log for why; `chartulary evidence renew` asks at once")); // prettier-ignore
}
