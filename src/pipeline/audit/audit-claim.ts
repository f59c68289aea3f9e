/** The claim by which a document is known again, held against what the document says. */
import { equalBytes } from "../../core/crypto/digest.ts";
import type { Identity } from "../document-forms.ts";
import { samenessValue } from "../deposit-entry.ts";
import type { Claimed } from "../store/record-store.ts";

/** What is wrong with a claim that has other digests than its document, after its name. */
export const OTHER_DIGESTS = "has other digests than the document: a repeat of it would be taken for another";

/** What is wrong with the claim of a document; undefined: nothing. @param claim the one that is kept of its identifier */
export function faultOfClaim(
  { id, identity }: { readonly id: string; readonly identity: Identity },
  claim: Claimed | undefined,
): "removed" | "changed" | "other-digests" | undefined {
  if (claim === undefined) return "removed";
  if (claim.entry.id !== id) return "changed";
  return equalBytes(claim.value, samenessValue(identity.sameness)) ? undefined : "other-digests";
}
