import type { Keys } from "../../core/crypto/keys.ts";
import { personId } from "../../core/formats/person-id.ts";
import { numberClaim, personClaim } from "../identity-feed.ts";
import type { DocumentKeys } from "../store/document-keys.ts";
import type { LogEntry, RecordStore } from "../store/record-store.ts";
import { auditFeed } from "./entry-audit.ts";
import type { Findings } from "./finding.ts";

interface FeedAuditSource {
  readonly store: Pick<RecordStore, "evidence">;
  readonly documentKeys: Pick<DocumentKeys, "read">;
  readonly keys: Pick<Keys, "personKeyOf">;
  readonly findings: Findings;
}

/** Messages of identity feeds: each stands in the order of all, and in that of its person; by these it is known who is who when the next one comes. */
export class FeedAudit {
  readonly #source: FeedAuditSource;
  /** How many came before, of each person and of all. */
  readonly #persons = new Map<string, number>();
  #count = 0;

  constructor(source: FeedAuditSource) {
    this.#source = source;
  }

  /** Opens a message, and gives the claims that it must bear, in order of the log. What can't be opened is told. */
  async take(entry: LogEntry): Promise<string[]> {
    const all = numberClaim(this.#count++);
    const record = await auditFeed(entry, this.#source);
    if (record === undefined) return [all];
    const person = personId(await this.#source.keys.personKeyOf(record.identifier.system, record.identifier.value));
    const place = this.#persons.get(person) ?? 0;
    this.#persons.set(person, place + 1);
    return [all, personClaim(person, place)];
  }
}
