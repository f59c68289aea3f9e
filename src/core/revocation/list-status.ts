/** What lists of revoked certificates say of one together (RFC 5280 sections 5.2.4 and 6.3.3): complete ones, each by itself and with the changes to it, of all reasons or of some. */
import { readRules, type CertificateRules } from "../crypto/certificate-rules.ts";
import { isSameName } from "../crypto/platform/der-names.ts";
import { SIGNATURE_LIMITS } from "../crypto/signature-limits.ts";
import { REASONS } from "./distribution-points.ts";
import type { RevocationList, RevokedEntry } from "./revocation-list.ts";
import { freshness, unknown, type CertificateStatus, type StatusQuestion } from "./status.ts";

/** A list about the certificate that whoever may sign it signed, and of which reasons it tells. */
export interface HeardList {
  readonly list: RevocationList;
  readonly reasons: number;
}

/** What a list says, or a complete one with the changes to it. */
interface Statement extends Pick<RevocationList, "issuedAt" | "nextAt" | "keepsExpired"> {
  readonly entry: RevokedEntry | undefined;
  readonly reasons: number;
  /** Whether it is of changes alone, and says nothing of whom it does not list. */
  readonly isPart: boolean;
  readonly raw: readonly Uint8Array[];
}

/** Values of reasonCode. */
const [ON_HOLD, TAKEN_BACK] = [6, 8];

/** Undefined where there are none. */
export function statusByLists(heard: readonly HeardList[], question: StatusQuestion): CertificateStatus | undefined {
  if (heard.length === 0) return undefined;
  const rules = readRules(question.certificate);
  const statements: Statement[] = [];
  let unread: CertificateStatus | undefined;
  for (const make of makersOf(heard)) {
    try {
      statements.push(make(rules));
    } catch {
      unread = unknown("its entry cannot be understood");
    }
  }
  const status = againstIt(statements, question) ?? forIt(statements, question);
  return status.kind === "unknown" ? (unread ?? status) : status;
}

/** Each list by itself, and each complete one with the newest lists of changes to it. */
function* makersOf(heard: readonly HeardList[]): Generator<(rules: CertificateRules) => Statement> {
  const changes = heard.filter(({ list }) => list.isDelta).sort((one, other) => other.list.issuedAt.getTime() - one.list.issuedAt.getTime());
  for (const { list, reasons } of heard) {
    const { issuedAt, nextAt, keepsExpired, isDelta } = list;
    yield (rules) => ({ issuedAt, nextAt, keepsExpired, reasons, isPart: isDelta, entry: list.find(rules), raw: [list.raw] });
    if (isDelta) continue;
    for (const { list: delta } of changes.filter((change) => isOn(list, change.list)).slice(0, SIGNATURE_LIMITS.listChanges))
      yield (rules) => {
        const changed = delta.find(rules);
        const entry = changed?.reason === TAKEN_BACK ? undefined : (changed ?? list.find(rules));
        return { issuedAt: delta.issuedAt, nextAt: delta.nextAt, keepsExpired, reasons, isPart: false, entry, raw: [list.raw, delta.raw] };
      };
  }
}

/** Whether changes come to a complete list (section 5.2.4). */
function isOn(list: RevocationList, delta: RevocationList): boolean {
  if (list.number === undefined || delta.number === undefined || delta.base === undefined) return false;
  return list.number >= delta.base && list.number < delta.number && list.kind === delta.kind && isSameName(list.issuer, delta.issuer);
}

/** The first revocation; a hold that was taken back is none afterwards, and while it lasted nobody can tell. */
function againstIt(statements: readonly Statement[], { certificate, moment }: StatusQuestion): CertificateStatus | undefined {
  let first: Extract<CertificateStatus, { kind: "revoked" }> | undefined;
  let held: CertificateStatus | undefined;
  for (const statement of statements) {
    const { entry, raw } = statement;
    if (entry === undefined || entry.reason === TAKEN_BACK) continue;
    const at = entry.invalidSince && entry.invalidSince < entry.at ? entry.invalidSince : entry.at;
    const freed = entry.reason === ON_HOLD ? freedAfter(statement, statements, certificate.validTo) : undefined;
    if (freed !== undefined && at <= moment) {
      if (freed > moment)
        held = { ...unknown(`it was on hold, and that had been taken back by ${freed.toISOString().slice(0, 19)}Z`), isAgainst: true };
      continue;
    }
    if (first === undefined || at < first.at) first = { kind: "revoked", at, reason: entry.reason, raw };
  }
  return first ?? held;
}

/** When a later list first says that a certificate is on hold no more. */
function freedAfter(hold: Statement, statements: readonly Statement[], end: Date): Date | undefined {
  const freeing = statements.filter(({ issuedAt, entry, isPart, reasons, keepsExpired }) => {
    if (issuedAt <= hold.issuedAt) return false;
    if (entry !== undefined || isPart) return entry?.reason === TAKEN_BACK;
    // Whose time is over may be taken off a list.
    return (reasons & REASONS.hold) !== 0 && (issuedAt <= end || keepsExpired);
  });
  return freeing.map(({ issuedAt }) => issuedAt).sort((one, other) => one.getTime() - other.getTime())[0];
}

/** Good takes lists that together tell of all reasons. */
function forIt(statements: readonly Statement[], question: StatusQuestion): CertificateStatus {
  let why: CertificateStatus | undefined;
  let told = 0;
  const raw: Uint8Array[] = [];
  const complete = statements.filter(({ isPart, entry }) => !isPart && entry === undefined);
  // Where one tells of all, the others are not needed.
  for (const statement of [...complete].sort((one, other) => Number(other.reasons === REASONS.all) - Number(one.reasons === REASONS.all))) {
    const old = freshness(statement, question, statement.keepsExpired);
    why ??= old;
    if (old !== undefined || (statement.reasons & ~told) === 0) continue;
    told |= statement.reasons;
    raw.push(...statement.raw);
    if (told === REASONS.all) return { kind: "good", raw };
  }
  if (told !== 0) return unknown("it tells of some reasons alone, and nothing tells of the others");
  return why ?? unknown("it lists changes alone, and the list that they come to is not at hand");
}
