/** Lists by another than the certificate's issuer (RFC 5280 sections 5.2.5 and 5.3.3); NIST's PKITS asks for more of them, where it is at hand. */
import { sign } from "node:crypto";
import { expect, test } from "@jest/globals";
import { certificateWith, ecKey, extension } from "../../../bench/hostile/actors.ts";
import { fieldsOf } from "../../../src/core/crypto/certificate-fields.ts";
import { CheckedSums } from "../../../src/core/crypto/certificate-path.ts";
import type { Certificate } from "../../../src/core/crypto/certificate.ts";
import { bitString, integer, objectIdentifier, octetString, sequence, setOf, tagged, time, utf8String } from "../../../src/core/der/write-der.ts";
import { revocationOf } from "../../../src/core/revocation/path-revocation.ts";
import { shelfOf } from "../../../src/core/revocation/revocation-shelf.ts";
import { retagged } from "../cms/messages.ts";
import { person } from "../signatures/people.ts";

const NOW = new Date("2026-06-01T00:00:00Z");
const ALGORITHM = sequence(objectIdentifier("1.2.840.10045.4.3.2"));
const root = person("Root", { isAuthority: true });
const [listerKey, ownKey] = [ecKey("P-256"), ecKey("P-256")];
const by = { issuer: root.name, issuerKey: root.key };
const named = (name: string): Uint8Array => sequence(setOf(sequence(objectIdentifier("2.5.4.3"), utf8String(name))));
const lister = certificateWith({ ...by, subject: "Lister", key: listerKey, extensions: [] });
const point = extension("2.5.29.31", sequence(sequence(tagged(2, tagged(4, named("Lister"))))));
const pointed = certificateWith({ ...by, subject: "Dr A", key: ownKey, extensions: [point] });
const plain = certificateWith({ ...by, subject: "Dr B", key: ownKey, extensions: [] });

/** A list of Lister's that revokes a certificate, whose issuer the entry names or not. */
function list(revoked: Certificate, { isIndirect = true, namesIssuer = true } = {}): Uint8Array {
  const serial = retagged(0x02, octetString(fieldsOf(revoked).serial));
  const issuer = namesIssuer ? [sequence(extension("2.5.29.29", sequence(tagged(4, named(root.name))), true))] : [];
  const scope = extension("2.5.29.28", sequence(retagged(0x84, octetString(Uint8Array.of(isIndirect ? 0xff : 0)))), true);
  const entry = sequence(serial, time(new Date("2025-01-01")), ...issuer);
  const body = sequence(integer(1), ALGORITHM, named("Lister"), time(NOW), time(new Date("2027-01-01")), sequence(entry), tagged(0, sequence(scope)));
  return sequence(body, ALGORITHM, bitString(new Uint8Array(sign("sha256", body, listerKey))));
}

const ask = (certificate: Certificate, raw: Uint8Array) =>
  revocationOf([root.certificate, certificate], {
    ...{ shelves: [shelfOf([raw])], moment: NOW, existedBy: NOW, now: NOW, isRequired: false, others: [lister], sums: new CheckedSums() },
  });

test("an indirect list tells of whoever names its issuer, by the issuer that the entry names", async () => {
  expect(await ask(pointed, list(pointed))).toMatchObject({ state: "revoked" });
  expect(await ask(pointed, list(plain))).toMatchObject({ kind: "good" });
  expect(await ask(pointed, list(pointed, { namesIssuer: false }))).toMatchObject({ kind: "good" });
});

test("it tells nothing where it does not say that it is one, or the certificate names nobody", async () => {
  expect(await ask(pointed, list(pointed, { isIndirect: false }))).toMatchObject({ kind: "unknown" });
  expect(await ask(plain, list(plain))).toMatchObject({ kind: "unknown" });
});
