/** Why each of the four results about a signature is what it is, and all of it in one sentence: the words that page, PDF, command line, interfaces and record share. */
import { stateOf, type SignatureCheck, type SignatureReasons } from "./signature-check.ts";
import type { Finding } from "./signature-finding.ts";
import type { PartyProof } from "./signer-role.ts";

/** What is told of a signature. */
export interface Told {
  readonly results: Pick<SignatureCheck, "block" | "content" | "certificate" | "signer">;
  readonly finding: Finding;
  /** About the certificate: a clause. */
  readonly certificate: string;
  /** Of the certificate; where it may be told. */
  readonly name: string | undefined;
  /** What is signed, where that is not the whole document. */
  readonly covers: string | undefined;
  /** By what the certificate is that of the party that the document names. */
  readonly proof: PartyProof | undefined;
  /** Whether the document names a signer at all. */
  readonly hasSigner: boolean;
}

const PROOFS: Readonly<Record<PartyProof, string>> = {
  name: "the certificate bears the name of the party that the document says signed",
  identifier: "the certificate holds an identifier of the party that the document says signed",
  "trust-file": "the trust file says that the certificate is that of the party that the document says signed",
};

/** A clause about each result. */
export function reasonsFor({ results, finding, certificate, covers, proof, hasSigner }: Told): SignatureReasons {
  const { block, content } = results;
  const reason = finding.reason ?? "it cannot be checked";
  const contentReasons = {
    valid: covers === undefined ? WHOLE : `it covers ${covers} as it stands`,
    invalid: reason,
    "not-checked": block === "invalid" ? NOT_LOOKED_AT : reason,
  };
  return {
    block: block === "valid" ? "the signature is that of the key in the certificate that it brings" : reason,
    content: contentReasons[content],
    certificate,
    signer: proof
      ? PROOFS[proof]
      : !hasSigner
        ? "the document does not say who signed"
        : CLAIMED[results.certificate === "valid" ? "unnamed" : "untrusted"],
  };
}

/** Most canonical forms leave out what a repository sets; a signature over the file itself covers it. */
const WHOLE = "it covers the whole document as it stands; its own id and meta may be left out";
const NOT_LOOKED_AT = "what it covers cannot be told from a signature that does not hold";
const CLAIMED = {
  unnamed: "who signed is claimed: the certificate does not name the party that the document says signed",
  untrusted: "who signed is claimed: the certificate is not confirmed",
} as const;

/** All of it in a sentence. */
export function explanationOf({ results, finding: { form, reason }, certificate, name, covers }: Told): string {
  const whose = name === undefined ? "The signature" : `The signature of ${name}`;
  const state = stateOf(results);
  if (state === "false") return `${whose} is not valid: ${reason ?? "it does not fit the document"}.`;
  if (state === "unchecked")
    return form === "other" || form === "picture" ? `${whose} was not checked: ${reason ?? ""}.` : `${whose} was not checked; ${reason ?? ""}.`;
  const signer =
    results.signer === "valid"
      ? ", and names the party that signed"
      : results.certificate === "valid"
        ? ", but who signed is claimed, not proved"
        : "";
  return `${whose} covers ${covers ?? "this content"}${signer}; ${certificate}.`;
}
