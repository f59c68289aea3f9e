/** What a deposit record keeps of what the judgement at receipt rested on: it proves by itself, as it did then, and the log holds the record's digest. */
import { digestOf } from "../../core/crypto/digest.ts";
import { parseDepositRecord } from "../../core/formats/deposit-record.ts";
import type { Trust } from "../../core/formats/trust.ts";
import { AppError } from "../../core/errors.ts";
import { joined, shelfOf } from "../../core/revocation/revocation-shelf.ts";
import type { OpenReceipt } from "./log-checks.ts";
import { fail, notMade, pass, type VerificationCheck } from "./report.ts";

const NOTHING = shelfOf([]);

/** The trust with the lists and answers that came with the record, and a line about it where it keeps any. They are signed by whoever they are of: of another record they would prove no less, but the file is not what it says. */
export function withKeptEvidence(
  record: Uint8Array,
  receipt: OpenReceipt | undefined,
  trust: Trust | undefined,
): { readonly trust: Trust | undefined; readonly line?: VerificationCheck } {
  const name = "signature";
  if (receipt === undefined) return { trust, line: notMade(name, "The deposit record was not looked at: that takes the receipt (--receipt).") };
  if (digestOf(record) !== receipt.leaf.depositDigest)
    return { trust, line: fail(name, "The deposit record is not the one of the log's entry: its digest is another.") };
  try {
    const { restsOn = [] } = parseDepositRecord(new TextDecoder("utf-8", { fatal: true }).decode(record));
    const kept = restsOn.flatMap(({ kind, der }) => (kind === "revocation" && der ? [der] : []));
    const missing = restsOn.filter(({ der }) => der === undefined).length;
    const told = missing === 0 ? "" : `; ${missing} more were too large to be kept, and are named by their digests`;
    if (restsOn.length === 0) return { trust };
    if (trust === undefined)
      return { trust, line: notMade(name, "What the deposit record keeps about revocation was not used: that takes a trust file (--trust).") };
    const revocations = joined([trust.revocations ?? NOTHING, shelfOf(kept)]);
    const text = `The deposit record is that of the log's entry, and ${kept.length} lists or answers about certificates that it keeps were used${told}.`;
    return { trust: { ...trust, revocations }, line: pass(name, text) };
  } catch (error) {
    if (!(error instanceof AppError) && !(error instanceof TypeError)) throw error;
    return { trust, line: fail(name, "The deposit record of the log's entry cannot be read.") };
  }
}
