/** Whether others than the repository have seen that the log holds an entry: so many that it could not show them one log and its auditors another. */
import { faultOfSignature, logOf, openedUnder, type LogSignature } from "../../core/crypto/log-keys.ts";
import { leafHash } from "../../core/crypto/merkle.ts";
import { verifyInclusion } from "../../core/crypto/merkle-verify.ts";
import type { NoteSignature } from "../../core/crypto/signed-note.ts";
import { AppError } from "../../core/errors.ts";
import type { WitnessedReceipt } from "../../core/formats/receipt.ts";
import type { KnownWitness, TlogPolicy } from "../../core/formats/tlog-policy.ts";
import { logsOf, type Trust } from "../../core/formats/trust.ts";
import type { OpenReceipt } from "./log-checks.ts";
import type { VerificationCheck } from "./report.ts";

const name = "witnesses";

/** No line where the trust file names no witness, unless one is asked for. */
export function checkWitnesses(receipt: OpenReceipt, trust: Trust | undefined, isRequired: boolean): VerificationCheck[] {
  const lacking = (text: string): VerificationCheck[] => [{ name, result: isRequired ? "not-confirmed" : "info", text }];
  const policy = trust?.witnesses;
  if (trust === undefined || policy === undefined)
    return isRequired ? lacking("No witness is known: the trust file names none (--require-witnessed).") : [];
  const { witnessed } = receipt;
  if (witnessed === undefined) return policy.rule === "" ? [] : lacking("No witness has seen the log with this entry yet: the receipt names none.");
  const proven = provenUnder(witnessed, receipt, trust, policy);
  if (proven === undefined) return [{ name, result: "fail", text: "The checkpoint for witnesses is not one of this log with this entry." }];
  const said = sayOf(proven.signatures, policy, lacking);
  // Whoever has the key could have had another log cosigned; an honest receipt from before its end is no forgery for that.
  const { signed } = proven;
  return signed === "ended" && said.result !== "fail"
    ? lacking(`The checkpoint for witnesses ${faultOfSignature(signed) ?? ""}: fetch the receipt anew.`)
    : [said];
}

/** A checkpoint's signatures, and whether a key made it the log's that counts yet or was ended. */
interface Proven {
  readonly signatures: readonly NoteSignature[];
  readonly signed: Extract<LogSignature, "signed" | "ended">;
}

/** The signatures of a checkpoint that the log signed and that holds the entry; undefined when it is none. */
function provenUnder(
  { checkpoint, treeSize, inclusionProof }: WitnessedReceipt,
  { leafBytes, index }: OpenReceipt,
  trust: Trust,
  { witnesses }: TlogPolicy,
): Proven | undefined {
  try {
    const log = logOf(checkpoint, logsOf(trust));
    if (log === undefined) return undefined;
    const opened = openedUnder(checkpoint, log, witnesses.map(({ verifier }) => verifier)); // prettier-ignore
    const { signatures, signed } = opened;
    const { size, root } = opened.checkpoint;
    if (signed !== "signed" && signed !== "ended") return undefined;
    const isIncluded = size === treeSize && verifyInclusion(leafHash(leafBytes), index, size, inclusionProof, root);
    return isIncluded ? { signatures, signed } : undefined;
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

/** What the cosignatures come to. A known witness whose signature is false makes the whole note false (c2sp.org/signed-note). */
function sayOf(signatures: readonly NoteSignature[], policy: TlogPolicy, lacking: (text: string) => VerificationCheck[]): VerificationCheck {
  const by = (witness: KnownWitness): readonly NoteSignature[] => signatures.filter((signature) => isOf(signature, witness.verifier));
  const having = (result: NoteSignature["result"]): readonly KnownWitness[] =>
    policy.witnesses.filter((witness) => by(witness).some((signature) => signature.result === result));
  const [forged] = having("invalid");
  if (forged) return { name, result: "fail", text: `The cosignature of the witness ${forged.name} is not its own.` };
  const seen = having("valid");
  const unchecked = having("not-checked").filter((witness) => !seen.includes(witness));
  const times = seen.flatMap(by).flatMap(({ at = 0 }) => (at > 0 ? [at] : []));
  const when = times.length === 0 ? "" : `, the first at ${new Date(Math.min(...times) * 1_000).toISOString()}`;
  const who =
    seen.length === 0 ? "No witness" : `${seen.map((witness) => witness.name).join(", ")} (${seen.length} of ${policy.witnesses.length} witnesses)`;
  const needed = policy.rule === "" ? "" : ` The trust file asks for ${policy.rule}.`;
  if (policy.isQuorum(new Set(seen.map((witness) => witness.name))))
    return { name, result: "pass", text: `${who} saw the log with this entry${when}.${needed}` };
  if (policy.isQuorum(new Set([...seen, ...unchecked].map((witness) => witness.name))))
    return {
      name,
      result: "not-made",
      text: `Cosignatures of ${unchecked.map((witness) => witness.name).join(", ")} cannot be checked here.${needed}`,
    };
  const [line] = lacking(`${who} saw the log with this entry${when}, which is not enough.${needed}`);
  return line as VerificationCheck;
}

function isOf(signature: NoteSignature, { name: by, keyId }: { readonly name: string; readonly keyId: string }): boolean {
  return signature.name === by && signature.keyId === keyId;
}
