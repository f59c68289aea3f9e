/** Lists (CRL) and answers (OCSP) about revocation of some 200 KB, the most that is looked at, which are meant to cost more than that. They name the authority of the trust list, and are not by it. */
import { bitString, integer, objectIdentifier, octetString, sequence, setOf, tagged, time, utf8String } from "../../src/core/der/write-der.ts";
import { retagged } from "../../test/core/cms/messages.ts";
import { extension, mallory, manyBytes, root } from "./actors.ts";

const ALGORITHM = sequence(objectIdentifier("1.2.840.10045.4.3.2"));
const SIGNATURE = bitString(new Uint8Array(70));
const NOW = time(new Date());
const BYTES = 195_000;

export const LISTS = ["of many entries", "of many changes (delta)", "of many names", "of a long number", "of many values"] as const;
export type HostileList = (typeof LISTS)[number];

function named(name: string): Uint8Array {
  return sequence(setOf(sequence(objectIdentifier("2.5.4.3"), utf8String(name))));
}

/** As many as fit. */
function repeated(make: (at: number) => Uint8Array): Uint8Array {
  return manyBytes(Math.floor(BYTES / make(0xffff).length), make);
}

const entry = (at: number): Uint8Array => sequence(integer(at >> 8, at & 0xff), NOW, sequence(extension("2.5.29.21", Uint8Array.of(0x0a, 1, 8))));
const address = (at: number): Uint8Array => Uint8Array.of(0x86, 6, ...Buffer.from(`h://${String(at % 100).padStart(2, "0")}`));

export function hostileList(kind: HostileList): Uint8Array {
  const version = integer(1);
  const head = [ALGORITHM, named(root.name), NOW, NOW];
  const list = (...fields: readonly Uint8Array[]): Uint8Array => sequence(sequence(...fields), ALGORITHM, SIGNATURE);
  switch (kind) {
    case "of many entries":
      return list(version, ...head, sequence(repeated(entry)));
    case "of many changes (delta)":
      return list(version, ...head, sequence(repeated(entry)), tagged(0, sequence(extension("2.5.29.27", integer(1), true))));
    case "of many names": {
      return list(version, ...head, tagged(0, sequence(extension("2.5.29.28", sequence(tagged(0, tagged(0, repeated(address)))), true))));
    }
    case "of a long number":
      return list(retagged(0x02, octetString(new Uint8Array(BYTES).fill(0x7f))), ...head);
    case "of many values":
      return list(repeated(() => Uint8Array.of(5, 0)));
  }
}

/** An answer as it is given without an OCSPResponse around it. */
export function hostileAnswer(): Uint8Array {
  const identifier = sequence(ALGORITHM, octetString(new Uint8Array(20)), octetString(new Uint8Array(20)), integer(1));
  const single = sequence(identifier, Uint8Array.of(0x80, 0), time(new Date("2050-01-01")));
  const certificates = Array.from({ length: 200 }, () => mallory.certificate.raw);
  const answers = Array.from({ length: 1_000 }, () => single);
  return sequence(
    sequence(tagged(1, named(root.name)), time(new Date("2050-01-01")), sequence(...answers)),
    ALGORITHM,
    SIGNATURE,
    tagged(0, sequence(...certificates)),
  );
}
