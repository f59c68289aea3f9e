/** C2SP tlog-proof (c2sp.org/tlog-proof): that a log has an entry, in a form that tools of transparency logs read. */
import { toBase64 } from "../crypto/base64.ts";
import { formatHashes } from "./witness-messages.ts";

export interface TlogProof {
  /** The entry's leaf, from which its hash is computed (RFC 6962): it goes along as `extra`. */
  readonly leaf: Uint8Array;
  readonly index: number;
  /** From the leaf's sibling up to the root's child. */
  readonly inclusionProof: readonly Uint8Array[];
  /** A signed note, with the cosignatures that there are. */
  readonly checkpoint: string;
}

/** The proof as text; its file's name ends with `.tlog-proof`. */
export function formatTlogProof({ leaf, index, inclusionProof, checkpoint }: TlogProof): string {
  return `c2sp.org/tlog-proof@v1\nextra ${toBase64(leaf)}\nindex ${index}\n${formatHashes(inclusionProof)}\n${checkpoint}`;
}
