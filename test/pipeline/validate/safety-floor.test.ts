import { describe, expect, test } from "@jest/globals";
import { admit, receive } from "../../r4.ts";
import { DEFAULT_READ_LIMITS } from "../../../src/core/fhir/reading/read-limits.ts";
import type { Policy } from "../../../src/pipeline/validate/policy.ts";
import { aDocument, compositionOf, entries, resourceAt, saidOf, type Plain } from "./a-document.ts";
import { ours, policyOf } from "./a-policy.ts";

/** Everything that the floor is about is let pass, so that nothing but the floor can refuse it. */
const LENIENT: Policy = {
  ...policyOf({
    "bdl-10": "warning",
    "element-missing": "warning",
    "composition-reference-unresolved": "warning",
    "reference-ambiguous": "warning",
    "reference-unresolved": "warning",
    "full-url-relative": "warning",
    "full-url-missing": "warning",
    "reference-without-full-url": "warning",
    "reference-target-type": "warning",
    "entry-unreachable": "warning",
    "format-dateTime": "warning",
    "binding-required": "warning",
    "bdl-7": "warning",
    "cmp-1": "ignore",
    "array-expected": "warning",
    "unknown-element": "warning",
    "dom-6": "ignore",
    "txt-2": "ignore",
  }),
};

function errors(change: (document: Plain) => void, policy: Policy = LENIENT): string[] {
  const document = aDocument();
  delete document["timestamp"];
  change(document);
  return saidOf(document, policy).flatMap(({ rule, severity, text }) =>
    severity === "error" ? [`${rule}: ${text.split(", but no document ")[1] ?? text}`] : [],
  );
}

function urlOf(document: Plain, index: number, fullUrl: string | undefined, id?: string): void {
  const entry = entries(document)[index] as Plain;
  if (fullUrl === undefined) delete entry["fullUrl"];
  else entry["fullUrl"] = fullUrl;
  if (id !== undefined) resourceAt(document, index)["id"] = id;
}

test("a document with a date, a known subject and something to read passes, though custodian, author and title are missing", () => {
  expect(
    errors((document) => {
      delete compositionOf(document)["title"];
      delete compositionOf(document)["author"];
    }),
  ).toEqual([]);
});

describe("what is refused whatever the policy says", () => {
  test.each<[what: string, change: (document: Plain) => void, told: RegExp]>([
    ["no date", (document) => delete compositionOf(document)["date"], /without the date on which it was written/],
    ["a date that is none", (document) => (compositionOf(document)["date"] = "last week"), /without the date/],
    ["no status", (document) => delete compositionOf(document)["status"], /final or entered in error/],
    ["a status that is none", (document) => (compositionOf(document)["status"] = "finished"), /final or entered in error/],
    ["no subject", (document) => delete compositionOf(document)["subject"], /names nobody as its subject/],
    [
      "a subject that is not there",
      (document) => (compositionOf(document)["subject"] = { reference: "Patient/1", display: "Ana" }),
      /Patient\/1\) leads to no entry\. Send the Patient/,
    ],
    [
      "a subject without reference, name and identifier",
      (document) => (compositionOf(document)["subject"] = { type: "Patient" }),
      /neither name nor identifier/,
    ],
    ["a patient without name and identifier", (document) => delete resourceAt(document, 1)["name"], /neither name nor identifier/],
    ["a patient with a blank name", (document) => (resourceAt(document, 1)["name"] = [{ text: " " }]), /neither name nor identifier/],
    [
      "two patients under one fullUrl",
      (document) => entries(document).push(structuredClone(entries(document)[1]) as Plain),
      /leads to several entries \(entry 1, entry 4\)/,
    ],
    [
      "nothing to read",
      (document) => {
        delete compositionOf(document)["text"];
        compositionOf(document)["section"] = [{ title: "Findings", entry: [{ reference: "Observation/none" }] }];
      },
      /nothing is to be read/,
    ],
    ...["\u200b", "\u3164"].map((unseen): [string, (document: Plain) => void, RegExp] => [
      `a patient whose name cannot be seen (${JSON.stringify(unseen)})`,
      (document) => (resourceAt(document, 1)["name"] = [{ family: unseen }]),
      /neither name nor identifier/,
    ]),
    [
      "a subject whose display cannot be seen",
      (document) => (compositionOf(document)["subject"] = { display: "\u2060" }),
      /neither name nor identifier/,
    ],
    ...[" ", "<p> </p>", "\u200b", "<img alt='x'/>"].map((inside): [string, (document: Plain) => void, RegExp] => [
      `a narrative with nothing in it (${JSON.stringify(inside)}), and the subject as the only entry`,
      (document) => {
        const { subject } = compositionOf(document) as { subject: Plain };
        const text = { status: "generated", div: `<div xmlns="http://www.w3.org/1999/xhtml">${inside}</div>` };
        compositionOf(document)["text"] = text;
        compositionOf(document)["section"] = [{ title: "Findings", text, entry: [subject] }];
      },
      /nothing is to be read/,
    ]),
    [
      "the Composition as its own only entry",
      (document) => {
        delete compositionOf(document)["text"];
        compositionOf(document)["section"] = [{ title: "Findings", entry: [{ reference: entries(document)[0]?.["fullUrl"] }] }];
      },
      /nothing is to be read/,
    ],
    [
      "a relative fullUrl that is another's type and id",
      (document) => (urlOf(document, 3, "Patient/1", "o"), urlOf(document, 1, undefined, "1")),
      /another is called Patient\/1/,
    ],
    [
      "two without fullUrl and of one id",
      (document) => entries(document).push({ resource: { resourceType: "Patient", id: "1" } }, { resource: { resourceType: "Patient", id: "1" } }),
      /another is called Patient\/1/,
    ],
    [
      "a relative fullUrl that is the end of another's",
      (document) => (urlOf(document, 3, "Patient/1", "o"), urlOf(document, 1, "https://a.example/Patient/1")),
      /another is called Patient\/1/,
    ],
    [
      "one without fullUrl whose type and id are the end of another's",
      (document) => (urlOf(document, 1, "https://a.example/Patient/1"), entries(document).push({ resource: { resourceType: "Patient", id: "1" } })),
      /another is called Patient\/1/,
    ],
    [
      "a document about itself",
      (document) => (
        urlOf(document, 0, "Composition/c", "c"),
        (compositionOf(document)["subject"] = { reference: "Composition/c" }),
        (compositionOf(document)["identifier"] = { value: "1" })
      ),
      /about itself/,
    ],
    ["one with neither fullUrl nor id", (document) => entries(document).push({ resource: { resourceType: "Patient" } }), /neither fullUrl nor id/],
    [
      "what XML cannot carry",
      (document) => (resourceAt(document, 1)["name"] = { family: "Example" }),
      /given back whole|neither name nor identifier/,
    ],
    ["an element that R4 does not have", (document) => (resourceAt(document, 3)["doNotPerform"] = true), /given back whole/],
  ])("%s", (_, change, told) => {
    expect(errors(change).join("\n")).toMatch(told);
  });
});

test("strict is made no stricter: what keeps R4 is not asked", () => {
  const document = aDocument();
  delete resourceAt(document, 1)["name"];
  compositionOf(document)["subject"] = { display: "Ana" };
  for (const policy of [ours("strict"), ours("form"), ours("references"), LENIENT])
    expect(saidOf(document, policy).filter(({ severity, rule }) => severity === "error" && rule === "policy-floor")).toEqual([]);
});

test("what was let pass is told with what was decided, of a document that is taken", () => {
  const document = aDocument();
  urlOf(document, 1, "Patient/1", "1");
  (compositionOf(document)["subject"] as Plain)["reference"] = "Patient/1";
  (resourceAt(document, 3)["subject"] as Plain)["reference"] = "Patient/1";
  const intake = receive({ bytes: Buffer.from(JSON.stringify(document)), mediaType: "application/fhir+json" }, DEFAULT_READ_LIMITS);
  if (intake.kind === "unreadable") throw new Error("unreadable");
  expect(admit(intake.received, ours("strict"))).toMatchObject({ kind: "refused" });
  expect(admit(intake.received, ours("form"))).toMatchObject({
    kind: "validated",
    validated: { policy: { version: "form/1" }, relaxed: [{ rule: "full-url-relative", count: 1 }], decided: [] },
  });
});
