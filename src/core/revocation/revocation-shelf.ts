/** What is at hand about revocation: lists and answers, read once. */
import { readRevocationList, reasonsAbout, type RevocationList } from "./revocation-list.ts";
import { readStatusAnswer, type StatusAnswer } from "./status-answer.ts";
import type { Certificate } from "../crypto/certificate.ts";
import { AppError } from "../errors.ts";

/** Gives what is not at hand: lists and answers about a certificate that its issuer's key signed, and maybe others. It never fails; what cannot be had is not there. */
export type RevocationSource = (certificate: Certificate, issuer: Certificate) => Promise<RevocationShelf>;

export interface RevocationShelf {
  readonly lists: readonly RevocationList[];
  readonly answers: readonly StatusAnswer[];
}

/** @param found lists (CRL) and answers (OCSP) in DER; whatever is neither is passed over, since it proves nothing */
export function shelfOf(found: readonly Uint8Array[]): RevocationShelf {
  const read = found.flatMap((raw) => attempt(() => readRevocationList(raw)) ?? attempt(() => readStatusAnswer(raw)) ?? []);
  return { lists: read.filter((each) => "find" in each), answers: read.filter((each) => "answers" in each) };
}

/** Whether bytes are a list or an answer. */
export function isRevocation(raw: Uint8Array): boolean {
  return !isEmpty(shelfOf([raw]));
}

export function isEmpty({ lists, answers }: RevocationShelf): boolean {
  return lists.length + answers.length === 0;
}

/** What stands on any of them. */
export function joined(shelves: readonly RevocationShelf[]): RevocationShelf {
  return { lists: shelves.flatMap(({ lists }) => lists), answers: shelves.flatMap(({ answers }) => answers) };
}

/** The lists that are about a certificate, and of which reasons each tells (`REASONS`). */
export function listsAbout({ lists }: RevocationShelf, certificate: Certificate): { readonly list: RevocationList; readonly reasons: number }[] {
  return lists.map((list) => ({ list, reasons: attempt(() => reasonsAbout(list, certificate)) ?? 0 })).filter(({ reasons }) => reasons > 0);
}

/** What a stranger wrote is read; undefined where it is not as it should be. */
export function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    // Text that is none, numbers that are none: whatever noticed it, it is the writer's fault.
    if (error instanceof AppError || error instanceof TypeError || error instanceof RangeError) return undefined;
    throw error;
  }
}
