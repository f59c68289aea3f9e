import { equalBytes } from "../../core/crypto/digest.ts";
import { rootOf, SHA512_TREE } from "../../core/crypto/merkle.ts";
import { longDigestOf, parseRenewalItem, parseRenewalLeaf, parseRenewalRunLeaf, parseRenewedTree, RUN } from "../../core/formats/renewal.ts";
import { openRenewal, openRenewalRun, RenewalBook, renewalClaim, renewalRunClaim, rootOfItems } from "../evidence/renewal-book.ts";
import type { LogEntry, RecordStore } from "../store/record-store.ts";
import type { Findings } from "./finding.ts";
import { holdToken, lookingAt, type Tell } from "./stamp-audit.ts";

interface RenewalAuditSource {
  readonly store: Pick<RecordStore, "evidence" | "checkpoint" | "entries" | "claimed">;
  readonly findings: Findings;
}

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
    await lookingAt(entry, this.#source.findings, async (tell) => {
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
    await lookingAt(entry, this.#source.findings, async (tell) => {
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
      await holdToken({ token, stamped }, leaf.stampedAt, tell);
    });
    return [renewalClaim(number)];
  }

  async #holdItems(from: number, items: readonly string[], { index }: LogEntry, tell: Tell): Promise<void> {
    if (from + items.length > index) tell("is of entries that did not come before it");
    const entries = items.length === 0 ? [] : await this.#source.store.entries(from, items.length);
    const strange = items.findIndex((text, at) => parseRenewalItem(text).leaf !== longDigestOf(entries[at]?.leaf ?? ""));
    if (strange >= 0) tell(`says of entry ${from + strange} what its leaf is not`);
  }
}
