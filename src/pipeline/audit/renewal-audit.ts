import { checkTimeStamp } from "../../core/cms/check-time-stamp.ts";
import { utf8 } from "../../core/crypto/bytes.ts";
import { equalBytes } from "../../core/crypto/digest.ts";
import { rootOf, SHA512_TREE } from "../../core/crypto/merkle.ts";
import { AppError } from "../../core/errors.ts";
import { longDigestOf, parseRenewalItem, parseRenewalLeaf, parseRenewalRunLeaf, parseRenewedTree, RUN } from "../../core/formats/renewal.ts";
import { openRenewal, openRenewalRun, RenewalBook, renewalClaim, renewalRunClaim, rootOfItems } from "../evidence/renewal-book.ts";
import type { LogEntry, RecordStore } from "../store/record-store.ts";
import type { Findings } from "./finding.ts";

interface RenewalAuditSource {
  readonly store: Pick<RecordStore, "evidence" | "checkpoint" | "entries" | "claimed">;
  readonly findings: Findings;
}

type Tell = (words: string) => void;

/**
 * The log hashed anew: each run and each time-stamp stands at its number, each item is of its entry's leaf, roots are those of the items, and a token is over the tree. Whether an item is of its document is told
 * by whoever verifies a receipt.
 */
export class RenewalAudit {
  readonly #source: RenewalAuditSource;
  #runs = 0;
  #stamps = 0;

  constructor(source: RenewalAuditSource) {
    this.#source = source;
  }

  /** Looks at a run, and gives the claims that its entry must bear. */
  async run(entry: LogEntry): Promise<string[]> {
    const number = this.#runs++;
    await this.#telling(entry, async (tell) => {
      const leaf = parseRenewalRunLeaf(entry.leaf);
      if (leaf.number !== number) tell(`is run ${leaf.number}, and ${number} came before it`);
      const items = openRenewalRun(leaf, await this.#source.store.evidence(entry.id));
      if (!equalBytes(await rootOfItems(items), leaf.root)) tell("has another root than that of its items");
      await this.#holdItems(leaf.number * RUN, items, entry, tell);
    });
    return [renewalRunClaim(number)];
  }

  /** The same of a time-stamp. */
  async stamp(entry: LogEntry): Promise<string[]> {
    const number = this.#stamps++;
    await this.#telling(entry, async (tell) => {
      const { store } = this.#source;
      const leaf = parseRenewalLeaf(entry.leaf);
      if (leaf.number !== number) tell(`is number ${leaf.number}, and ${number} came before it`);
      const { stamped, token, items } = openRenewal(leaf, await store.evidence(entry.id));
      const tree = parseRenewedTree(stamped);
      if (tree.size !== leaf.size || !equalBytes(tree.root, leaf.root) || tree.size > entry.index) tell("is of another tree than its leaf says");
      if ((await store.checkpoint(tree.size))?.note !== tree.checkpoint) tell("names a checkpoint that the log does not have");
      if (items.length !== tree.size % RUN) tell("has other items than those behind the last run");
      const { fetch } = await new RenewalBook(store).treeOf(items);
      if (!equalBytes(await rootOf(tree.size, fetch, SHA512_TREE), tree.root)) tell("has another root than that of the runs and its items");
      await this.#holdItems(tree.size - items.length, items, entry, tell);
      const checked = await checkTimeStamp(token, utf8(stamped));
      if (checked.kind !== "valid") tell(`has a token that ${checked.kind === "invalid" ? "is false" : "cannot be checked here"}: ${checked.reason}`);
      else if (checked.stamp.at.toISOString() !== leaf.stampedAt) tell(`says ${leaf.stampedAt}, and its token ${checked.stamp.at.toISOString()}`);
    });
    return [renewalClaim(number)];
  }

  async #holdItems(from: number, items: readonly string[], { index }: LogEntry, tell: Tell): Promise<void> {
    if (from + items.length > index) tell("is of entries that did not come before it");
    const entries = items.length === 0 ? [] : await this.#source.store.entries(from, items.length);
    const strange = items.findIndex((text, at) => parseRenewalItem(text).leaf !== longDigestOf(entries[at]?.leaf ?? ""));
    if (strange >= 0) tell(`says of entry ${from + strange} what its leaf is not`);
  }

  async #telling({ id, index, kind }: LogEntry, work: (tell: Tell) => Promise<void>): Promise<void> {
    const tell: Tell = (words) =>
      this.#source.findings.add({ kind: "changed", what: "entry", id, index, text: `the ${kind} ${id} (entry ${index}) ${words}` });
    try {
      await work(tell);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      tell(`can't be read: ${error.message}`);
    }
  }
}
