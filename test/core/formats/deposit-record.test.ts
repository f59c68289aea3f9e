import { describe, expect, test } from "@jest/globals";
import { formatDepositRecord, parseDepositRecord, submitterName } from "../../../src/core/formats/deposit-record.ts";
import type { ProfileVerdict } from "../../../src/core/fhir/conformance/conformance.ts";
import { recordedProfiles } from "../../../src/core/formats/deposit-profiles.ts";
import { canonicalJson } from "../../../src/core/fhir/canonical.ts";
import { CONTENT_DIFFERS } from "../../../src/core/signatures/signature-finding.ts";
import { treeOf } from "../../../src/core/fhir/tree/tree.ts";
import { DEPOSIT } from "./samples.ts";

const MALFORMED = expect.objectContaining({ code: "malformed" });

describe("deposit record (chartulary-deposit/2)", () => {
  test("is read as it was written", () => {
    const read = parseDepositRecord(formatDepositRecord(DEPOSIT));
    expect({ ...read, outcome: canonicalJson(read.outcome) }).toEqual({ ...DEPOSIT, outcome: canonicalJson(DEPOSIT.outcome) });
  });

  test("is canonical JSON, which begins thus", () => {
    expect(formatDepositRecord(DEPOSIT)).toMatch(/^\{"came":\{"channel":"rest","requestId":"r-1"\},"decisions":/);
    expect(formatDepositRecord(DEPOSIT)).toContain('"versions":{"policy":"default/1","rules":"r4/1","software":"chartulary/0.1.0"}');
  });

  test("says all four results of a signature", () => {
    const results = { block: "valid", content: "valid", certificate: "valid", signer: "valid", standing: "trusted" } as const;
    const signatures = DEPOSIT.signatures.map((check) => ({ ...check, ...results }));
    expect(parseDepositRecord(formatDepositRecord({ ...DEPOSIT, signatures })).signatures).toEqual(signatures);
  });

  test("what a later version says more is passed over; what it calls otherwise is another or unknown", () => {
    const text = formatDepositRecord(DEPOSIT)
      .replace('"came":{', '"came":{"by":"post",')
      .replace('"submitter":{', '"submitter":{"device":"d",')
      .replace('"form":"jws"', '"form":"cades","level":"LT"')
      .replace('"standing":"not-trusted"', '"standing":"revoked"')
      .replace('"decisions":[', '"decisions":[{"by":"p/1","kind":"code"},');
    const { signatures, ...read } = parseDepositRecord(text);
    expect(read).toMatchObject({ submitter: DEPOSIT.submitter, came: DEPOSIT.came, decisions: DEPOSIT.decisions });
    expect(signatures[0]).toMatchObject({ form: "other", standing: "unknown", block: "valid", signerName: "Dr A" });
  });

  test("what a policy let pass stands among the decisions, and is absent where it let nothing pass", () => {
    const relaxed = [{ rule: "full-url-relative", count: 3, by: "form/1" }];
    const text = formatDepositRecord({ ...DEPOSIT, relaxed });
    expect(text).toContain('{"by":"form/1","count":3,"kind":"rule","rule":"full-url-relative"}');
    expect(parseDepositRecord(text)).toMatchObject({ relaxed, decisions: DEPOSIT.decisions });
    expect(formatDepositRecord({ ...DEPOSIT, relaxed: [] })).toBe(formatDepositRecord(DEPOSIT));
    expect(parseDepositRecord(formatDepositRecord(DEPOSIT))).not.toHaveProperty("relaxed");
  });

  test("under which packages it was accepted, and what came of profiles, stands there, and is absent where nobody asked", () => {
    const set = { name: "IPS", digest: `sha256:${"0".repeat(64)}` };
    const profiles = recordedProfiles(set, [
      { place: "Bundle", profile: "http://example.org/b", version: "1.0.0", title: "B", by: "document-type", result: "holds" },
      { place: "Bundle.entry[1].resource", profile: "http://example.org/o|1", by: "declared", result: "unheld" },
      { place: "Bundle.entry[2].resource", profile: "http://example.org/o|1", by: "declared", result: "unheld" },
    ]);
    expect(profiles).toEqual({
      set,
      verdicts: [
        { profile: "http://example.org/o|1", by: "declared", result: "unheld", count: 2, place: "Bundle.entry[1].resource" },
        { profile: "http://example.org/b", version: "1.0.0", title: "B", by: "document-type", result: "holds", count: 1, place: "Bundle" },
      ],
    });
    const text = formatDepositRecord({ ...DEPOSIT, profiles });
    expect(parseDepositRecord(text).profiles).toEqual(profiles);
    const later = text.replace('"by":"declared"', '"by":"fortune","why":"luck"').replace('"result":"unheld"', '"result":"other"');
    expect(parseDepositRecord(later).profiles?.verdicts[0]).toMatchObject({ by: "fortune", result: "other", count: 2 });
    expect(() => parseDepositRecord(text.replace('"digest":"sha256:00', '"digest":"md5:00'))).toThrow(MALFORMED);
    expect(formatDepositRecord({ ...DEPOSIT, profiles: recordedProfiles(undefined, []) })).toBe(formatDepositRecord(DEPOSIT));
    expect(parseDepositRecord(formatDepositRecord(DEPOSIT))).not.toHaveProperty("profiles");
  });

  test("however many profiles strangers declare, what is recorded of them stays small, and what is broken is there first", () => {
    const verdicts = Array.from({ length: 5_000 }, (_, at): ProfileVerdict => ({ place: `Bundle.entry[${at}].resource`, profile: `http://example.org/${at}`, by: "declared", result: "unheld" })); // prettier-ignore
    const long: ProfileVerdict = { place: "Bundle", profile: "x".repeat(10_000), by: "declared", result: "unheld" };
    const broken: ProfileVerdict = { place: "Bundle", profile: "http://example.org/p", title: "t".repeat(10_000), by: "declared", result: "broken" };
    const profiles = recordedProfiles(undefined, [long, ...verdicts, broken]);
    expect(profiles).toMatchObject({ verdicts: { length: 100, 0: { result: "broken", title: "t".repeat(100) } }, more: 4_902 });
    const { length } = formatDepositRecord({ ...DEPOSIT, profiles });
    expect(length - formatDepositRecord(DEPOSIT).length).toBeLessThan(20_000);
  });

  test("nobody who was authenticated is recorded as nobody", () => {
    const came = { channel: "page", requestId: "r-2" };
    const text = formatDepositRecord({ ...DEPOSIT, submitter: { kind: "unauthenticated" }, came, decisions: [] });
    expect(text).toContain('"submitter":{"kind":"unauthenticated"}');
    expect(parseDepositRecord(text)).toMatchObject({ submitter: { kind: "unauthenticated" }, came, decisions: [] });
    expect([submitterName({ kind: "unauthenticated" }), submitterName(DEPOSIT.submitter)]).toEqual(["unauthenticated", "Dr A"]);
  });

  test.each([
    ["without a version", '"rules":"r4/1",', ""],
    ["with an unknown result", '"block":"valid"', '"block":"perfect"'],
    ["with a submitter that is text", /"submitter":\{[^}]*\}/, '"submitter":"unauthenticated"'],
    ["with a name that is no text", '"person":"Dr A"', '"person":["Dr A"]'],
    ["with a critical property that is not known", '"id"', '"critical":["hand"],"hand":1,"id"'],
    ["without an outcome", /"outcome":\{.*\},"receivedAt/, '"outcome":null,"receivedAt'],
    ["of the first number with properties of the second", "deposit/2", "deposit/1"],
  ])("%s it is malformed", (_, from, to) => {
    const text = formatDepositRecord(DEPOSIT);
    const changed = text.replace(from, to);
    expect(changed).not.toBe(text);
    expect(() => parseDepositRecord(changed)).toThrow(MALFORMED);
  });
});

/** As the first number was written. */
function closedRecord(signatures: readonly object[], submitter = "unauthenticated"): string {
  const { id, receivedAt, mediaType, versions } = DEPOSIT;
  const outcome = { resourceType: "OperationOutcome", issue: [] };
  const fields = { format: "chartulary-deposit/1", id, receivedAt, mediaType, submitter, requestId: "r-1", versions, outcome, signatures };
  return canonicalJson(treeOf(fields));
}

const RECORDED = {
  place: "Bundle.signature",
  form: "jws",
  integrity: "valid",
  certificate: "trusted",
  signer: "author",
  signerName: "Dr A",
  signedAt: "2026-03-14T08:00:00Z",
  explanation: "Good.",
};

const NAMELESS = { block: "not-checked", content: "not-checked", certificate: "not-checked", standing: "unknown" } as const;

describe("deposit record (chartulary-deposit/1), which is not written any more", () => {
  test("says who submitted, and by which request", () => {
    expect(parseDepositRecord(closedRecord([]))).toMatchObject({ submitter: { kind: "unauthenticated" }, came: { requestId: "r-1" }, decisions: [] });
    expect(parseDepositRecord(closedRecord([], "sample"))).toMatchObject({ submitter: { kind: "program", client: "sample" } });
  });

  test.each([
    ["a property more", closedRecord([]).replace('"id"', '"hand":1,"id"')],
    ["something unknown in a signature's results", closedRecord([{ ...RECORDED, pluck: 1 }])],
    ["an unknown integrity", closedRecord([{ ...RECORDED, integrity: "perfect" }])],
  ])("with %s it is malformed", (_, text) => {
    expect(() => parseDepositRecord(text)).toThrow(MALFORMED);
  });

  test.each([
    ["a valid one", {}, { block: "valid", content: "valid", certificate: "valid", signer: "not-checked", signerName: "Dr A" }],
    ["no time at which its certificate was asked about", { certificate: "expired", signedAt: undefined }, { certificate: "not-checked" }],
    ["an expired certificate", { certificate: "expired" }, { certificate: "invalid" }],
    [
      "an algorithm none beside a copied certificate",
      { integrity: "unsupported", explanation: "The signature of Dr A was not checked; it cannot be checked: algorithm none." },
      NAMELESS,
    ],
    [
      "what it could not read",
      { integrity: "invalid", explanation: "The signature of Dr A is not valid: its data is no JSON Web Signature." },
      NAMELESS,
    ],
    [
      "another content",
      { form: "xml-dsig", integrity: "invalid", explanation: "The signature is not valid: the document is not the one that was signed." },
      { block: "valid", content: "invalid" },
    ],
    [
      "another content, in later words",
      { integrity: "invalid", explanation: `The signature of Dr A is not valid: ${CONTENT_DIFFERS}.` },
      { block: "valid", content: "invalid", signerName: "Dr A" },
    ],
    [
      "a false block",
      {
        integrity: "invalid",
        explanation: "The signature of Dr A is not valid: the document is not the one that was signed, or the signature was altered.",
      },
      { block: "invalid", content: "not-checked", certificate: "not-checked" },
    ],
    ["a claimed name without a certificate", { certificate: "none" }, { certificate: "not-checked", standing: "none" }],
  ])("about %s is read for what it is worth", (_, changed, expected) => {
    const recorded = Object.fromEntries(Object.entries({ ...RECORDED, ...changed }).filter(([, value]) => value !== undefined));
    const [read] = parseDepositRecord(closedRecord([recorded])).signatures;
    expect(read).toMatchObject(expected);
    const showsName = read?.block === "valid" && read.standing !== "none";
    expect([read?.signerName, /Dr A/.test(read?.explanation ?? "")]).toEqual(showsName ? ["Dr A", expect.any(Boolean)] : [undefined, false]);
  });
});
