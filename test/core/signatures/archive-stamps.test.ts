/** Archive time-stamps: one that is over all that it should be upholds what it is over; one that is not, was moved, or came too late does not. */
import { describe, expect, test } from "@jest/globals";
import { utf8 } from "../../../src/core/crypto/bytes.ts";
import { canonicalDocument } from "../../../src/core/fhir/canonical.ts";
import { treeOf } from "../../../src/core/fhir/tree/tree.ts";
import { sampleDocument, treeOfText } from "../../pipeline/sign/deposited.ts";
import { checkDocumentSignatures, R4 } from "../../r4.ts";
import { canonicalXmlForms } from "../../../src/core/signatures/canonical-xml-forms.ts";
import { cades, clock, jades, xades, type Archived, type Archiving, type Stamping } from "./archive-stamping.ts";
import { person } from "./people.ts";

const RECEIVED = new Date("2027-03-14T08:31:00Z");
const document = treeOfText(sampleDocument("urn:uuid:1"));
const JSON_FORM = utf8(canonicalDocument(document));
const [XML_FORM = new Uint8Array()] = canonicalXmlForms(document, "http://hl7.org/fhir/canonicalization/xml#document", {
  isExclusive: true,
  definitions: R4.definitions,
  source: undefined,
});
const root = person("Test root", { isAuthority: true });
const doctor = person("Dr A", { by: root, validFrom: new Date("2025-01-01"), validTo: new Date("2025-09-01") });
const time = person("Root of time", { isAuthority: true });
const first = clock("First clock", time, "2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z");
const second = clock("Second clock", time, "2025-01-01T00:00:00Z", "2026-09-01T00:00:00Z");
const third = clock("Third clock", time, "2026-01-01T00:00:00Z", "2046-01-01T00:00:00Z");
const stranger = clock("Strange clock", person("Root of time", { isAuthority: true }), "2025-01-01T00:00:00Z", "2046-01-01T00:00:00Z");

const VALUE: Stamping = { kind: "value", by: first, at: "2025-07-01T00:00:00Z" };
const ARCHIVE: Stamping = { kind: "archive", by: second, at: "2025-12-01T00:00:00Z" };
const AGAIN: Stamping = { kind: "archive", by: third, at: "2026-08-01T00:00:00Z" };
const GOOD = { block: "valid", content: "valid", certificate: "valid", judged: { basis: "stamped", at: "2025-07-01T00:00:00.000Z" } };
const NOBODY_KNOWS = { block: "valid", content: "valid", certificate: "not-checked", standing: "unknown" };
const LAPSED =
  /; a time-stamp that says 2025-07-01T00:00:00.000Z does not count: its certificate, or one on the way to the trust file, was good until 2026-01-01T00:00:00.000Z/;

describe.each<[string, Archiving, Uint8Array]>([
  ["JAdES", jades, JSON_FORM],
  ["XAdES", xades, XML_FORM],
  ["CAdES", cades, JSON_FORM],
])("%s", (_, archiving, form) => {
  const make = (...stampings: Stamping[]): Archived => archiving(form, doctor, stampings);
  async function judge({ data, sigFormat }: Archived, receivedAt = RECEIVED) {
    const signed = document.without("signature").add("signature", treeOf({ type: [{ code: "1" }], data, sigFormat }));
    const [result] = await checkDocumentSignatures(signed, { signers: [root.certificate], timeAuthorities: [time.certificate] }, { receivedAt });
    return { ...result, told: result?.reasons?.certificate ?? "" };
  }

  test("a time-stamp whose authority has ended counts while nothing was needed to renew it, and no longer", async () => {
    expect(await judge(make(VALUE), new Date("2025-12-31T00:00:00Z"))).toMatchObject(GOOD);
    expect(await judge(make(VALUE))).toMatchObject({ ...NOBODY_KNOWS, told: expect.stringMatching(LAPSED) });
  });

  test("an archive time-stamp that was made in time upholds it, and renews one another", async () => {
    const inTime = await judge(make(VALUE, ARCHIVE), new Date("2026-08-31T00:00:00Z"));
    expect(inTime).toMatchObject(GOOD);
    expect(inTime.told).toMatch(/; an archive time-stamp of Second clock says that all of it was there by 2025-12-01T00:00:00.000Z$/);
    expect(await judge(make(VALUE, ARCHIVE))).toMatchObject(NOBODY_KNOWS);
    const again = await judge(make(VALUE, ARCHIVE, AGAIN));
    expect(again).toMatchObject(GOOD);
    expect(again.told).toMatch(/archive time-stamp of Third clock .*archive time-stamp of Second clock [^;]*$/);
  });

  test("one alone tells by when the signature was there", async () => {
    const alone = { ...ARCHIVE, at: "2025-08-01T00:00:00Z" };
    expect(await judge(make(alone), new Date("2026-08-31T00:00:00Z"))).toMatchObject({
      ...GOOD,
      judged: { basis: "stamped", at: "2025-08-01T00:00:00.000Z" },
    });
  });

  test("one that came too late, or whose authority nobody trusts, upholds nothing", async () => {
    expect(await judge(make(VALUE, { ...ARCHIVE, by: third, at: "2026-01-02T00:00:00Z" }))).toMatchObject({
      ...NOBODY_KNOWS,
      told: expect.stringMatching(LAPSED),
    });
    const strange = await judge(make(VALUE, { ...ARCHIVE, by: stranger }));
    expect(strange).toMatchObject({ ...NOBODY_KNOWS, told: expect.stringMatching(LAPSED) });
    expect(strange.told).toMatch(/says 2025-12-01T00:00:00.000Z does not count: its certificate was not issued|names no time-stamp authority/);
    const late = await judge(make(VALUE, ARCHIVE, { ...AGAIN, at: "2026-09-02T00:00:00Z" }));
    expect(late).toMatchObject(NOBODY_KNOWS);
    expect(late.told).toMatch(/says 2025-12-01T00:00:00.000Z does not count: .* was good until 2026-09-01/);
  });

  test("one over less than it must be, or of another signature, is over something else", async () => {
    const less = await judge(make(VALUE, { ...AGAIN, at: "2026-01-01T00:00:00Z", by: third, without: [0] }));
    expect(less).toMatchObject({ ...NOBODY_KNOWS, told: expect.stringMatching(LAPSED) });
    const [, other] = make(VALUE, AGAIN).tokens;
    const moved = await judge(make(VALUE, { ...AGAIN, ...(other && { instead: other }) }));
    expect(moved).toMatchObject({ ...NOBODY_KNOWS, told: expect.stringMatching(LAPSED) });
    expect(moved.told).toMatch(
      /an archive time-stamp that says 2026-08-01T00:00:00.000Z (does not count: it is about something else|was not checked: its list of hashes names something)/,
    );
  });

  test("one that says to be older than what it is over, or of a time to come, counts for nothing", async () => {
    const older = await judge(make(VALUE, { ...ARCHIVE, at: "2025-06-01T00:00:00Z" }), new Date("2025-12-31T00:00:00Z"));
    expect(older).toMatchObject(GOOD);
    expect(older.told).toMatch(/does not count: it says to be older than a time-stamp that it is over/);
    const future = await judge(make(VALUE, { ...ARCHIVE, by: third, at: "2030-01-01T00:00:00Z" }));
    expect(future).toMatchObject({ ...NOBODY_KNOWS, told: expect.stringMatching(/does not count: it says to be of a time after the receipt/) });
  });

  test("without a trust file none is believed, and with one of no authority of time neither", async () => {
    const { data, sigFormat } = make(VALUE, ARCHIVE);
    const signed = document.without("signature").add("signature", treeOf({ type: [{ code: "1" }], data, sigFormat }));
    const [nobody] = await checkDocumentSignatures(signed, undefined, { receivedAt: RECEIVED });
    expect(nobody?.reasons?.certificate).toMatch(
      /an archive time-stamp that says 2025-12-01T00:00:00.000Z was not checked: whether to believe it takes a trust file/,
    );
    const [none] = await checkDocumentSignatures(signed, { signers: [root.certificate], timeAuthorities: [] }, { receivedAt: RECEIVED });
    expect(none).toMatchObject(NOBODY_KNOWS);
  });

  if (archiving !== cades) return;
  test("of its list of hashes: what it leaves out is not upheld, and a certificate that it leaves out is told", async () => {
    const broken = await judge(make(VALUE, ARCHIVE, { ...AGAIN, without: [1] }));
    expect(broken).toMatchObject(NOBODY_KNOWS);
    expect(broken.told).toMatch(/says 2025-12-01T00:00:00.000Z does not count: .*nothing had renewed it/);
    const told = await judge(make(VALUE, ARCHIVE, { ...AGAIN, withoutCertificates: 1 }));
    expect(told).toMatchObject(GOOD);
    expect(told.told).toMatch(/Third clock says that all of it was there by 2026-08-01T00:00:00.000Z, but for 1 of the certificates;/);
  });
});
