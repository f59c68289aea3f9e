/** References that a policy tells by type and id, and above all those that it does not: nobody may be shown the wrong patient. */
import { describe, expect, test } from "@jest/globals";
import { admit, receive } from "../../r4.ts";
import { DEFAULT_READ_LIMITS } from "../../../src/core/fhir/reading/read-limits.ts";
import type { Admission } from "../../../src/pipeline/validate/admit.ts";
import { aDocument, briefly, compositionOf, entries, resourceAt, type Plain } from "./a-document.ts";
import { ours } from "./a-policy.ts";

const REFERENCES = ours("references");

function admitted(change: (document: Plain) => void, policy = REFERENCES): Admission {
  const document = aDocument();
  change(document);
  const intake = receive({ bytes: Buffer.from(JSON.stringify(document)), mediaType: "application/fhir+json" }, DEFAULT_READ_LIMITS);
  if (intake.kind === "unreadable") throw new Error("unreadable");
  return admit(intake.received, policy);
}

/** The patient has the id 1, and is referred to by it, from the Composition and the Observation. */
function byId(document: Plain, reference = "Patient/1"): void {
  resourceAt(document, 1)["id"] = "1";
  (compositionOf(document)["subject"] as Plain)["reference"] = reference;
  (resourceAt(document, 3)["subject"] as Plain)["reference"] = reference;
}

function another(document: Plain, fullUrl: string | undefined, resource: Plain): void {
  entries(document).push({ ...(fullUrl !== undefined && { fullUrl }), resource: { name: [{ family: "Somebody", given: ["Else"] }], ...resource } });
}

const OTHER = "urn:uuid:00000000-0000-4000-8000-000000000009";

test("the one entry of a type and id is what a relative reference means, and it is said once, and decided for each place", () => {
  const admission = admitted(byId);
  expect(admission).toMatchObject({
    kind: "validated",
    validated: {
      decided: [
        { from: 0, reference: "Patient/1", to: 1 },
        { from: 3, reference: "Patient/1", to: 1 },
      ],
      relaxed: [{ rule: "reference-full-url", count: 2 }],
    },
  });
  if (admission.kind !== "validated") return;
  const { document, issues } = admission.validated;
  expect(briefly(issues).filter((line) => line.includes("type-and-id"))).toEqual([
    "warning reference-by-type-and-id Bundle.entry[0].resource.subject",
  ]);
  // Whoever opens it with what was decided comes to the same.
  expect(document.resolve("Patient/1", document.composition)?.index).toBe(1);
  expect(document.decided()).toEqual([]);
});

test("strict and form leave it where R4 has it", () => {
  for (const name of ["strict", "form"] as const) expect(admitted(byId, ours(name)).kind).toBe("refused");
});

test("form resolves to an entry without fullUrl", () => {
  const change = (document: Plain): void => {
    byId(document);
    delete (entries(document)[1] as Plain)["fullUrl"];
  };
  expect(admitted(change, ours("form"))).toMatchObject({ kind: "validated", validated: { decided: [{ to: 1 }, { to: 1 }] } });
});

test("[type]/[uuid] means the entry that this UUID names", () => {
  const change = (document: Plain): void => {
    byId(document, "Patient/00000000-0000-4000-8000-000000000002");
    delete resourceAt(document, 1)["id"];
  };
  expect(admitted(change)).toMatchObject({ kind: "validated", validated: { decided: [{ to: 1 }, { to: 1 }] } });
});

describe("nothing is guessed", () => {
  test.each<[what: string, change: (document: Plain) => void]>([
    ["two patients of that id", (document) => (byId(document), another(document, OTHER, { resourceType: "Patient", id: "1" }))],
    ["another without fullUrl", (document) => (byId(document), another(document, undefined, { resourceType: "Patient", id: "1" }))],
    [
      "one by its id, another by its UUID",
      (document) => (
        byId(document, "Patient/00000000-0000-4000-8000-000000000009"),
        (resourceAt(document, 1)["id"] = "00000000-0000-4000-8000-000000000009"),
        another(document, OTHER, { resourceType: "Patient" })
      ),
    ],
    [
      "that id is of another type alone",
      (document) => (byId(document), delete resourceAt(document, 1)["id"], another(document, OTHER, { resourceType: "Practitioner", id: "1" })),
    ],
    ["another version", (document) => (byId(document, "Patient/1/_history/2"), (resourceAt(document, 1)["meta"] = { versionId: "1" }))],
    ["a version that the entry does not say", (document) => byId(document, "Patient/1/_history/2")],
    ["an absolute address", (document) => byId(document, "https://example.org/fhir/Patient/1")],
    [
      "a UUID as a urn",
      (document) => (
        byId(document, "urn:uuid:00000000-0000-4000-8000-00000000000a"),
        (resourceAt(document, 1)["id"] = "00000000-0000-4000-8000-00000000000a")
      ),
    ],
    [
      "a contained resource of that id",
      (document) => (
        byId(document),
        delete resourceAt(document, 1)["id"],
        (resourceAt(document, 3)["contained"] = [{ resourceType: "Patient", id: "1" }])
      ),
    ],
    [
      "the entry stands on another server",
      (document) => (
        byId(document),
        ((entries(document)[0] as Plain)["fullUrl"] = "https://a.example/fhir/Composition/c"),
        (compositionOf(document)["id"] = "c"),
        ((entries(document)[1] as Plain)["fullUrl"] = "https://b.example/fhir/Patient/1")
      ),
    ],
    [
      "its fullUrl says another id",
      (document) => (byId(document), ((entries(document)[1] as Plain)["fullUrl"] = "https://b.example/fhir/Patient/2")),
    ],
    [
      "a UUID in capitals, and another with that id",
      (document) => (
        byId(document, "Patient/7c3151bd-1cbf-4d64-b04d-cd9187a4c6e5"),
        (resourceAt(document, 1)["id"] = "7c3151bd-1cbf-4d64-b04d-cd9187a4c6e5"),
        another(document, "urn:uuid:7C3151BD-1CBF-4D64-B04D-CD9187A4C6E5", { resourceType: "Patient" })
      ),
    ],
    [
      "another without id under an address that ends so",
      (document) => (byId(document), another(document, "ftp://s.example/Patient/1", { resourceType: "Patient" })),
    ],
    ["only in another case", (document) => byId(document, "patient/1")],
  ])("%s", (_, change) => {
    expect(admitted(change).kind).toBe("refused");
  });
});

test("a relative fullUrl that another's type and id answer to leads nobody to the wrong patient", () => {
  const change = (document: Plain): void => {
    byId(document);
    another(document, "Patient/1", { resourceType: "Patient", id: "2" });
  };
  for (const name of ["form", "references"] as const) expect(admitted(change, ours(name)).kind).toBe("refused");
});

test("the UUID of a fullUrl counts as one in capitals too", () => {
  const change = (document: Plain): void => {
    byId(document, "Patient/7c3151bd-1cbf-4d64-b04d-cd9187a4c6e5");
    (entries(document)[1] as Plain)["fullUrl"] = "urn:uuid:7C3151BD-1CBF-4D64-B04D-CD9187A4C6E5";
  };
  expect(admitted(change)).toMatchObject({ kind: "validated", validated: { decided: [{ to: 1 }, { to: 1 }] } });
});

test("of an address that need lead nowhere nothing is decided", () => {
  const change = (document: Plain): void => {
    resourceAt(document, 1)["id"] = "1";
    resourceAt(document, 3)["implicitRules"] = "Patient/1";
  };
  for (const name of ["strict", "form", "references"] as const)
    expect(admitted(change, ours(name))).toMatchObject({ kind: "validated", validated: { decided: [], relaxed: [] } });
});

test("an image in a narrative is told like a reference, and said to be", () => {
  const admission = admitted((document) => {
    another(document, OTHER, { resourceType: "Binary", id: "ecg", contentType: "image/png", data: "iVBORw0KGgo=", name: undefined });
    const div = '<div xmlns="http://www.w3.org/1999/xhtml"><img src="Binary/ecg" alt="ECG"/></div>';
    compositionOf(document)["text"] = { status: "generated", div };
  });
  expect(admission).toMatchObject({
    kind: "validated",
    validated: { decided: [{ from: 0, reference: "Binary/ecg", to: 4 }], relaxed: [{ rule: "reference-full-url", count: 1 }] },
  });
  if (admission.kind === "validated")
    expect(briefly(admission.validated.issues)).toContainEqual(
      expect.stringMatching(/^warning reference-by-type-and-id Bundle.entry\[0\].resource.text/),
    );
});

test.each<[what: string, policy: "form" | "references", change: (document: Plain, long: string) => void]>([
  ["a target whose scheme is long", "form", (document, long) => ((entries(document)[1] as Plain)["fullUrl"] = `${long}:x`)],
  [
    "a resource whose address is long",
    "references",
    (document, long) => {
      (entries(document)[1] as Plain)["fullUrl"] = "https://t.example/Patient/1";
      (entries(document)[4] as Plain)["fullUrl"] = `https://s.example/List/${long}`;
    },
  ],
])("a reference costs its own length and no other's: %s", (_, policy, change) => {
  const cost = (count: number): number => {
    const document = aDocument();
    byId(document);
    const entry = Array.from({ length: count }, () => ({ item: { reference: "Patient/1" } }));
    another(document, OTHER, { resourceType: "List", name: undefined, status: "current", mode: "working", entry });
    change(document, "a".repeat(count * 50));
    const intake = receive({ bytes: Buffer.from(JSON.stringify(document)), mediaType: "application/fhir+json" }, DEFAULT_READ_LIMITS);
    if (intake.kind === "unreadable") throw new Error("unreadable");
    const before = process.cpuUsage().user;
    admit(intake.received, ours(policy));
    return process.cpuUsage().user - before;
  };
  cost(500);
  // Eight times as much: eight times the cost, or sixty-four where each costs what all do. What is measured is no shorter than a machine's own doings.
  const [small, large] = [Math.min(cost(3000), cost(3000), cost(3000)), Math.min(cost(24_000), cost(24_000))];
  expect(large / small).toBeLessThan(25);
});

test("a look-up costs the same however many entries are alike", () => {
  const cost = (count: number): number => {
    const document = aDocument();
    byId(document);
    for (let at = 0; at < count; at++) {
      another(document, `urn:uuid:00000000-0000-4000-9000-${String(at).padStart(12, "0")}`, { resourceType: "Patient", id: "1" });
      const fullUrl = `urn:uuid:00000000-0000-4000-a000-${String(at).padStart(12, "0")}`;
      another(document, fullUrl, { resourceType: "Basic", code: { text: "x" }, subject: { reference: "Patient/1" } });
    }
    const intake = receive({ bytes: Buffer.from(JSON.stringify(document)), mediaType: "application/fhir+json" }, DEFAULT_READ_LIMITS);
    if (intake.kind === "unreadable") throw new Error("unreadable");
    const before = process.cpuUsage().user;
    admit(intake.received, REFERENCES);
    return process.cpuUsage().user - before;
  };
  cost(500);
  const [small, large] = [Math.min(cost(1000), cost(1000)), Math.min(cost(4000), cost(4000))];
  expect(large / small).toBeLessThan(10);
});
