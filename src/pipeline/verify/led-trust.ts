/**
 * From a trust file that was kept to keys that came since: a receipt brings the log's entries about the repository's keys, and each new seal key is vouched for by the one before it. What is not proved so
 * leads nowhere.
 */
import { isValidAt, type Certificate } from "../../core/crypto/certificate.ts";
import type { SealCertificate } from "../../core/crypto/keys.ts";
import { logOf } from "../../core/crypto/log-keys.ts";
import { AppError } from "../../core/errors.ts";
import type { ProvenEntry } from "../../core/formats/receipt.ts";
import { certificateDigest, parseSealKeyLeaf, sealKeyKindOf, type SealKeyEnded, type SignedBeginning } from "../../core/formats/seal-key.ts";
import { logsOf, type Trust } from "../../core/formats/trust.ts";
import { faultOfLink } from "../../core/signatures/seal-key-link.ts";
import { isInLog, leadLogs, type LedLogs } from "../../core/signatures/led-logs.ts";

/** A trust file with what it leads to. */
export interface LedTrust {
  readonly trust: Trust;
  /** Of a certificate that the file itself does not name: by what it was led to. */
  ledBy(certificate: Certificate): string | undefined;
  /** Why an entry that is about a certificate does not lead to it; undefined when none is. */
  faultOf(certificate: Certificate): string | undefined;
  /** The same of keys of the log, by verifier key. */
  readonly logs: Pick<LedLogs, "led" | "faults" | "omitted">;
}

interface Placed<Said> {
  readonly index: number;
  readonly said: Said;
}

/** Never throws. */
export async function leadTrust(given: Trust, entries: readonly ProvenEntry[] = []): Promise<LedTrust> {
  const inOrder = [...entries].sort((one, other) => one.index - other.index);
  // The log's own keys first: they prove the entries about the others.
  const logs = leadLogs(given, inOrder);
  const [log = given.log, ...pastLogs] = logs.logs;
  const trust: Trust = { ...given, log, ...(given.pastLogs && { pastLogs }) };
  const ways: string[] = [];
  const faults = new Map<string, string>();
  /** By certificate: how many of the ways lead to it. */
  const led = new Map<string, number>();
  const begun: Placed<SignedBeginning>[] = [];
  const ended: Placed<SealKeyEnded>[] = [];
  for (const entry of inOrder) {
    const said = read(entry.leaf);
    if (said === undefined) continue;
    const signer = logOf(entry.checkpoint, logsOf(trust));
    if (signer === undefined || !isInLog(entry, signer)) {
      if (said.kind === "seal-key-begun")
        faults.set(certificateDigest(said.chain[0]), `the log did not sign that it holds the entry ${entry.index} of the receipt`);
    } else if (said.kind === "seal-key-begun") begun.push({ index: entry.index, said });
    else ended.push({ index: entry.index, said });
  }
  const endings = new Map(ended.toReversed().map(({ said }) => [said.certificate, said]));
  const own = trust.seals.map((seal) => withEnding(seal, endings.get(certificateDigest(seal.certificate))));
  // The newest last. Anybody may send as many entries as a receipt holds: no step goes through all seals.
  const seals = new Map<string, SealCertificate>();
  for (const seal of own.toReversed()) seals.set(certificateDigest(seal.certificate), seal);
  for (const { index, said } of begun) {
    const [certificate] = said.chain;
    const digest = certificateDigest(certificate);
    const previous = seals.get(said.previous);
    const isKnown = seals.has(digest);
    const fault = await faultOf({ index, said }, previous);
    if (fault !== undefined) {
      if (!isKnown) faults.set(digest, fault);
      continue;
    }
    const from = new Date(said.from);
    if (previous !== undefined && (previous.until === undefined || previous.until > from))
      seals.set(said.previous, { ...previous, isCurrent: false, until: from });
    if (isKnown) continue;
    ways.push(`entry ${index} of the log, of ${said.at}`);
    led.set(digest, ways.length);
    seals.set(digest, withEnding({ certificate, isCurrent: true, from }, endings.get(digest)));
  }
  return {
    trust: { ...trust, seals: [...seals.values()].toReversed() },
    ledBy: (certificate) => {
      const count = led.get(certificateDigest(certificate));
      return count === undefined ? undefined : ways.slice(0, count).join(", then by ");
    },
    faultOf: (certificate) => faults.get(certificateDigest(certificate)),
    logs,
  };
}

/** Why a beginning does not lead from the key before it. */
async function faultOf({ index, said }: Placed<SignedBeginning>, previous: SealCertificate | undefined): Promise<string | undefined> {
  if (previous === undefined) return "the trust file leads to no key that came before it";
  const at = new Date(said.at);
  const { certificate, ended, until } = previous;
  if (ended !== undefined && index >= ended.before)
    return `the key before it was ended as of ${ended.since.toISOString()} (${ended.reason}), and vouches for none after that`;
  if (!isValidAt(certificate, at)) return "the key before it was not valid then";
  if (until !== undefined && at >= until && until < new Date(said.from)) return "another key followed the one before it";
  return faultOfLink(said, certificate);
}

function withEnding(seal: SealCertificate, found: SealKeyEnded | undefined): SealCertificate {
  if (found === undefined || seal.ended !== undefined) return seal;
  return { ...seal, isCurrent: false, ended: { since: new Date(found.since), before: found.before, reason: found.reason } };
}

/** Undefined for entries about other keys than those of seals, and what cannot be read. */
function read(leaf: Uint8Array): SignedBeginning | SealKeyEnded | undefined {
  try {
    return sealKeyKindOf(leaf) && parseSealKeyLeaf(leaf);
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}
