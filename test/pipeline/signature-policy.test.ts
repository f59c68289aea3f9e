import { describe, expect, test } from "@jest/globals";
import { NOTHING_CHECKED, type SignatureCheck } from "../../src/core/signatures/signature-check.ts";
import {
  demandOn,
  falseSignatures,
  namedSignaturePolicy,
  needsTrust,
  readSignaturePolicy,
  signatureIssues,
  type SignaturePolicy,
} from "../../src/pipeline/signature-policy.ts";
import { sampleDocument, treeOfText } from "./sign/deposited.ts";

const POLICY = readSignaturePolicy(
  JSON.stringify({
    version: "ward-7/1",
    otherwise: "require-valid",
    types: [
      { system: "http://loinc.org", code: "18842-5", require: "record" },
      { system: "http://loinc.org", code: "57133-1", require: "require-trusted" },
    ],
  }),
);
const typed = (...codings: readonly object[]) => {
  const document = JSON.parse(sampleDocument("urn:uuid:1")) as { entry: { resource: { type?: object } }[] };
  const [first] = document.entry;
  if (first) first.resource.type = { coding: codings };
  return treeOfText(JSON.stringify(document));
};
const loinc = (code: string): object => ({ system: "http://loinc.org", code });

test("a policy file says by type what is demanded; of several types the most counts", () => {
  expect(demandOn(typed(loinc("18842-5")), POLICY)).toBe("record");
  expect(demandOn(typed(loinc("57133-1")), POLICY)).toBe("require-trusted");
  expect(demandOn(typed(loinc("18842-5"), loinc("57133-1")), POLICY)).toBe("require-trusted");
  expect(demandOn(typed({ code: "57133-1" }), POLICY)).toBe("require-valid");
  expect(demandOn(typed(), POLICY)).toBe("require-valid");
  expect(
    [POLICY, "record", "require-valid", "require-trusted"].map((one) =>
      needsTrust(typeof one === "string" ? (namedSignaturePolicy(one) as SignaturePolicy) : one),
    ),
  ).toEqual([true, false, false, true]);
  expect(namedSignaturePolicy("./policy.json")).toBeUndefined();
});

test.each([
  ["no JSON", "require-valid", /JSON object/],
  ["no version", '{"types":[]}', /version/],
  ["no types", '{"version":"1"}', /types/],
  [
    "a demand that there is not",
    '{"version":"1","types":[{"code":"a","require":"perfect"}]}',
    /"perfect" is none of record, require-valid, require-trusted/,
  ],
  ["a type without a code", '{"version":"1","types":[{"require":"record"}]}', /code/],
  ["a type with more", '{"version":"1","types":[{"code":"a","require":"record","profile":"x"}]}', /object of "system"/],
  ["a name more", '{"version":"1","types":[],"default":"record"}', /no "default"/],
])("a policy with %s is malformed", (_, text, message) => {
  expect(() => readSignaturePolicy(text)).toThrow(expect.objectContaining({ code: "malformed", message: expect.stringMatching(message) }));
});

describe("signatureIssues", () => {
  const bundle = treeOfText(sampleDocument("urn:uuid:1"));
  const PROVEN: SignatureCheck = {
    ...{
      place: "Bundle.signature",
      form: "jws",
      block: "valid",
      content: "valid",
      certificate: "valid",
      signer: "valid",
      standing: "trusted",
      role: "author",
    },
    reasons: { block: "b", content: "c", certificate: "z", signer: "s" },
    explanation: "Good.",
  };
  const UNCHECKED: SignatureCheck = { ...NOTHING_CHECKED, place: "Bundle.signature", form: "other", role: "unknown", explanation: "A picture." };
  const within = (more: Partial<SignatureCheck>): SignatureCheck => ({ ...UNCHECKED, place: "Bundle.entry[3].resource.signature[0]", ...more });
  const said = (name: string, ...checks: readonly SignatureCheck[]): string[] =>
    signatureIssues(bundle, checks, namedSignaturePolicy(name) as SignaturePolicy).map(({ expression, text }) => `${expression ?? ""} ${text}`);

  test.each<[string, readonly SignatureCheck[], string, string]>([
    ["all proved", [PROVEN], "taken", "taken"],
    ["unsigned", [], "Bundle has none: sign the whole document", "Bundle has none"],
    ["not checked", [UNCHECKED], "block is not-checked", "block is not-checked"],
    [
      "of an unknown certificate",
      [{ ...PROVEN, certificate: "not-checked", signer: "not-checked" }],
      "taken",
      "certificate is not-checked (z); signer is not-checked (s)",
    ],
    [
      "of an expired certificate",
      [{ ...PROVEN, certificate: "invalid", signer: "not-checked" }],
      "certificate is invalid (z)",
      "certificate is invalid (z)",
    ],
    ["of a claimed signer", [{ ...PROVEN, signer: "not-checked" }], "taken", "signer is not-checked (s)"],
    ["over other content", [{ ...PROVEN, content: "invalid" }], "content is invalid (c)", "content is invalid (c)"],
    ["of two, one false", [PROVEN, { ...PROVEN, block: "invalid" }], "block is invalid (b)", "block is invalid (b)"],
    ["with one within that is not checked", [PROVEN, within({})], "taken", "taken"],
    ["with one within that is false", [PROVEN, within({ block: "invalid" })], "Bundle.entry[3].resource.signature[0]", "block is invalid"],
    ["signed in a part alone", [within({ block: "valid", content: "valid" })], "has none", "has none"],
  ])("%s", (_, checks, valid, trusted) => {
    expect(said("record", ...checks)).toEqual([]);
    for (const [name, expected] of [
      ["require-valid", valid],
      ["require-trusted", trusted],
    ] as const)
      expect(expected === "taken" ? said(name, ...checks) : said(name, ...checks).join("\n")).toEqual(
        expected === "taken" ? [] : expect.stringContaining(expected.replace(/^Bundle has/, "has")),
      );
  });

  test("say what to do", () => {
    expect(said("require-valid", UNCHECKED)[0]).toMatch(/sign the document as it is sent/);
    expect(said("require-trusted", { ...PROVEN, certificate: "not-checked" })[0]).toMatch(/TRUST_FILE/);
  });
});

test("whatever is demanded, each signature that is proved false is told of, and no other", () => {
  const bundle = typed(loinc("18842-5"));
  const check = (results: Partial<SignatureCheck>): SignatureCheck => ({
    ...NOTHING_CHECKED,
    place: "Bundle.signature",
    form: "jws",
    role: "unknown",
    explanation: "It is not of this document.",
    ...results,
  });
  const reasons = { block: "the value is another", content: "it was not looked at", certificate: "it had expired", signer: "nobody is named" };
  expect(falseSignatures(bundle, [check({}), check({ block: "valid", content: "valid", certificate: "not-checked" })])).toEqual([]);
  const found = falseSignatures(bundle, [check({ block: "invalid", certificate: "invalid", reasons }), check({ content: "invalid" })]);
  expect(found.map(({ severity, rule, expression }) => `${severity} ${rule} ${expression}`)).toEqual([
    "warning signature-false Bundle.signature",
    "warning signature-false Bundle.signature",
  ]);
  expect(found[0]?.text).toMatch(/does not fit \(the value is another\); its certificate was not valid \(it had expired\)/);
  expect(found[1]?.text).toMatch(/It is not of this document/);
});
