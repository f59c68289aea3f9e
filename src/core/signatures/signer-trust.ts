/** Whose certificates count for senders' signatures, and what is at hand about them. */
import { parseCertificate, type Certificate } from "../crypto/certificate.ts";
import type { TrustedParty } from "./signer-role.ts";
import { shelfOf, type RevocationShelf, type RevocationSource } from "../revocation/revocation-shelf.ts";

/** Whose certificates vouch for senders; undefined, where one is asked for, when nobody said. */
export interface SignerTrust {
  readonly signers: readonly Certificate[];
  /** Whose time-stamps are believed. */
  readonly timeAuthorities?: readonly Certificate[] | undefined;
  /** Lists of revoked certificates and answers about one, as the operator gave them. */
  readonly revocations?: RevocationShelf | undefined;
  /** Whether a certificate of which nothing tells that it had not been revoked is not called valid. */
  readonly needsRevocation?: boolean | undefined;
  /** Whose some certificates are, as somebody trusted says. */
  readonly parties?: readonly TrustedParty[] | undefined;
  /** Asked where those do not tell: a service's, of hosts that its operator allows. */
  readonly source?: RevocationSource | undefined;
}

/** The same as data, which may leave its thread; the source apart, which is one thread's. */
export interface SignerTrustData {
  readonly signers: readonly Uint8Array[];
  readonly timeAuthorities: readonly Uint8Array[];
  readonly revocations: readonly Uint8Array[];
  readonly needsRevocation: boolean;
  readonly parties: readonly TrustedParty[];
}

export function dataOfTrust({ signers, timeAuthorities = [], revocations, needsRevocation = false, parties = [] }: SignerTrust): SignerTrustData {
  const copy = ({ raw }: { readonly raw: Uint8Array }): Uint8Array => new Uint8Array(raw);
  return {
    signers: signers.map(copy),
    timeAuthorities: timeAuthorities.map(copy),
    revocations: rawOf(revocations).map((raw) => new Uint8Array(raw)),
    needsRevocation,
    parties,
  };
}

export function trustOfData({ signers, timeAuthorities, revocations, needsRevocation, parties }: SignerTrustData): SignerTrust {
  return {
    signers: signers.map(parseCertificate),
    timeAuthorities: timeAuthorities.map(parseCertificate),
    revocations: shelfOf(revocations),
    needsRevocation,
    parties,
  };
}

/** DER of what stands on a shelf. */
export function rawOf(shelf: RevocationShelf | undefined): readonly Uint8Array[] {
  return shelf ? [...shelf.lists, ...shelf.answers].map(({ raw }) => raw) : [];
}
