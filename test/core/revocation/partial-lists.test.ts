/** Lists of changes (delta CRL) and of some reasons alone (RFC 5280 sections 5.2.4, 5.2.5, 6.3.3); NIST's PKITS asks for more of them, where it is at hand. */
import { sign, type KeyObject } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { AUTHORITY, certificateWith, ecKey, extension } from "../../../bench/hostile/actors.ts";
import { fieldsOf } from "../../../src/core/crypto/certificate-fields.ts";
import { CheckedSums } from "../../../src/core/crypto/certificate-path.ts";
import type { Certificate } from "../../../src/core/crypto/certificate.ts";
import { bitString, integer, objectIdentifier, octetString, sequence, setOf, tagged, time, utf8String } from "../../../src/core/der/write-der.ts";
import { addressesOf, changesTo } from "../../../src/core/revocation/revocation-addresses.ts";
import { revocationOf } from "../../../src/core/revocation/path-revocation.ts";
import { readRevocationList } from "../../../src/core/revocation/revocation-list.ts";
import { shelfOf } from "../../../src/core/revocation/revocation-shelf.ts";
import { retagged } from "../cms/messages.ts";

const ALGORITHM = sequence(objectIdentifier("1.2.840.10045.4.3.2"));
const [JANUARY, FEBRUARY, MARCH, APRIL, NEXT_YEAR] = ["2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01", "2027-01-01"].map(
  (day) => new Date(day),
) as [Date, Date, Date, Date, Date];
const key = ecKey("P-256");
const root = certificateWith({ subject: "Root", key, issuer: "Root", issuerKey: key, extensions: [AUTHORITY] });
const name = sequence(setOf(sequence(objectIdentifier("2.5.4.3"), utf8String("Root"))));
const by = { issuer: "Root", issuerKey: key };
const uri = (address: string): Uint8Array => retagged(0x86, octetString(new TextEncoder().encode(address)));
const placeOf = (address: string): Uint8Array => tagged(0, tagged(0, uri(address)));
/** ReasonFlags: keyCompromise and cACompromise, and all the others. */
const [COMPROMISE, OTHERS] = [Uint8Array.of(5, 0x60), Uint8Array.of(7, 0x1f, 0x80)];
const flags = (tag: number, bits: Uint8Array): Uint8Array => retagged(tag, octetString(bits));

const plain = certificateWith({ ...by, subject: "Dr A", key: ecKey("P-256"), extensions: [] });
const splitAt = (address: string, bits: Uint8Array): Uint8Array => sequence(placeOf(address), flags(0x81, bits));
const split = certificateWith({
  ...{ ...by, subject: "Dr B", key: ecKey("P-256") },
  extensions: [
    extension("2.5.29.31", sequence(splitAt("http://x.example/c.crl", COMPROMISE), splitAt("http://x.example/o.crl", OTHERS))),
    extension("2.5.29.46", sequence(sequence(placeOf("http://x.example/delta.crl")))),
  ],
});

interface Listing {
  readonly at: Date;
  readonly until?: Date;
  readonly number?: number;
  /** The number of the list that changes come to. */
  readonly base?: number;
  readonly revoked?: readonly { readonly certificate: Certificate; readonly at: Date; readonly reason?: number }[];
  /** issuingDistributionPoint. */
  readonly place?: string;
  readonly reasons?: Uint8Array;
  readonly changesAt?: string;
  readonly by?: KeyObject;
}

function list({ at, until = NEXT_YEAR, number, base, revoked = [], place, reasons, changesAt, by: signer = key }: Listing): Uint8Array {
  const entries = revoked.map(({ certificate, at: since, reason }) =>
    sequence(
      retagged(0x02, octetString(fieldsOf(certificate).serial)),
      time(since),
      ...(reason === undefined ? [] : [sequence(extension("2.5.29.21", retagged(0x0a, octetString(Uint8Array.of(reason)))))]),
    ),
  );
  const scope = [...(place === undefined ? [] : [placeOf(place)]), ...(reasons ? [flags(0x83, reasons)] : [])];
  const extensions = [
    ...(number === undefined ? [] : [extension("2.5.29.20", integer(number))]),
    ...(base === undefined ? [] : [extension("2.5.29.27", integer(base), true)]),
    ...(scope.length === 0 ? [] : [extension("2.5.29.28", sequence(...scope), true)]),
    ...(changesAt === undefined ? [] : [extension("2.5.29.46", sequence(sequence(placeOf(changesAt))))]),
  ];
  const body = sequence(
    ...[integer(1), ALGORITHM, name, time(at), time(until)],
    ...(entries.length > 0 ? [sequence(...entries)] : []),
    ...(extensions.length > 0 ? [tagged(0, sequence(...extensions))] : []),
  );
  return sequence(body, ALGORITHM, bitString(new Uint8Array(sign("sha256", body, signer))));
}

function ask(certificate: Certificate, lists: readonly Uint8Array[], moment = APRIL) {
  return revocationOf([root, certificate], {
    ...{ shelves: [shelfOf(lists)], moment, existedBy: moment, now: NEXT_YEAR, isRequired: false, others: [], sums: new CheckedSums() },
  });
}

const held = { certificate: plain, at: JANUARY, reason: 6 };
const free = { certificate: plain, at: FEBRUARY, reason: 8 };

describe("a list of changes", () => {
  const old = list({ at: JANUARY, until: FEBRUARY, number: 5 });
  const fresh = (more: Partial<Listing> = {}): Uint8Array => list({ at: APRIL, number: 8, base: 5, ...more });

  test("makes an old list one that counts, and both are what it rests on", async () => {
    const delta = fresh();
    expect(await ask(plain, [old])).toMatchObject({ kind: "unknown", reason: "it is too old" });
    expect(await ask(plain, [old, delta])).toEqual({ kind: "good", evidence: [old, delta] });
  });

  test.each<[string, Partial<Listing>]>([
    ["to a later list", { base: 6 }],
    ["to another place", { place: "http://x.example/other.crl" }],
    ["that is no newer than it", { number: 5 }],
    ["by another key", { by: ecKey("P-256") }],
    ["without a number", { number: undefined as never }],
  ])("%s changes nothing", async (_, more) => {
    expect(await ask(plain, [old, fresh(more)])).toMatchObject({ kind: "unknown" });
  });

  test("alone tells of those that it lists", async () => {
    expect(await ask(plain, [fresh()])).toMatchObject({ reason: "it lists changes alone, and the list that they come to is not at hand" });
    expect(await ask(plain, [fresh({ revoked: [{ certificate: plain, at: MARCH, reason: 1 }] })])).toMatchObject({ state: "revoked" });
  });

  test("revokes what the complete one does not", async () => {
    const complete = list({ at: JANUARY, number: 5 });
    expect(await ask(plain, [complete, fresh({ revoked: [{ certificate: plain, at: MARCH }] })])).toMatchObject({ state: "revoked" });
  });

  test("takes a hold back: good from then on, and not known while it lasted; on hold again, it counts again", async () => {
    const complete = list({ at: JANUARY, number: 5, revoked: [held] });
    const freeing = fresh({ at: MARCH, number: 6, revoked: [free] });
    expect(await ask(plain, [complete])).toMatchObject({ state: "revoked" });
    expect(await ask(plain, [complete, freeing])).toEqual({ kind: "good", evidence: [complete, freeing] });
    expect(await ask(plain, [complete, freeing], FEBRUARY)).toMatchObject({
      kind: "unknown",
      reason: "it was on hold, and that had been taken back by 2026-03-01T00:00:00Z",
    });
    const again = fresh({ number: 7, revoked: [{ certificate: plain, at: MARCH, reason: 6 }] });
    expect(await ask(plain, [complete, freeing, again])).toMatchObject({ state: "revoked" });
  });

  test("takes nothing back but a hold", async () => {
    const complete = list({ at: JANUARY, number: 5, revoked: [{ certificate: plain, at: JANUARY, reason: 1 }] });
    expect(await ask(plain, [complete, fresh({ revoked: [free] })])).toMatchObject({ state: "revoked" });
  });

  test("is not needed where a later complete list holds the certificate back no more", async () => {
    const lists = [list({ at: JANUARY, number: 5, revoked: [held] }), list({ at: MARCH, number: 6 })];
    expect(await ask(plain, lists)).toMatchObject({ kind: "good" });
    // A later list says nothing of before.
    expect(await ask(plain, lists, FEBRUARY)).toMatchObject({ kind: "unknown" });
  });
});

describe("lists of some reasons", () => {
  const compromises = list({ at: APRIL, place: "http://x.example/c.crl", reasons: COMPROMISE });
  const others = list({ at: APRIL, place: "http://x.example/o.crl", reasons: OTHERS });

  test("are good together, and say nothing of the other reasons by themselves", async () => {
    expect(await ask(split, [compromises, others])).toEqual({ kind: "good", evidence: [compromises, others] });
    for (const alone of [compromises, others])
      expect(await ask(split, [alone, alone])).toMatchObject({ reason: "it tells of some reasons alone, and nothing tells of the others" });
  });

  test("revoke each by itself", async () => {
    const revoked = list({
      at: APRIL,
      place: "http://x.example/c.crl",
      reasons: COMPROMISE,
      revoked: [{ certificate: split, at: MARCH, reason: 1 }],
    });
    expect(await ask(split, [revoked, others])).toMatchObject({ state: "revoked" });
  });

  test("tell of no more than the certificate says of their place, whatever they say themselves", async () => {
    const boasting = list({ at: APRIL, place: "http://x.example/c.crl" });
    expect(await ask(split, [boasting])).toMatchObject({ kind: "unknown" });
    expect(await ask(split, [list({ at: APRIL })])).toMatchObject({ kind: "good" });
  });

  test("one that is too old is not made up for by one of the same reasons", async () => {
    const old = list({ at: JANUARY, until: FEBRUARY, place: "http://x.example/o.crl", reasons: OTHERS });
    expect(await ask(split, [compromises, old])).toMatchObject({ kind: "unknown" });
  });
});

test("each list of some reasons is asked for by itself, and changes where certificate or list say", () => {
  expect(addressesOf(split)).toEqual({
    ...{ answers: [], lists: [["http://x.example/c.crl"], ["http://x.example/o.crl"]] },
    changes: ["http://x.example/delta.crl"],
  });
  expect(changesTo(readRevocationList(list({ at: APRIL, changesAt: "http://x.example/d.crl" })))).toEqual(["http://x.example/d.crl"]);
  expect(changesTo(readRevocationList(list({ at: APRIL })))).toEqual([]);
});
