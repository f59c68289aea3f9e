import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { JSDOM } from "jsdom";
import { JsonNumber, treeOf, type JsonArray, type JsonObject } from "../../../../src/core/fhir/tree/tree.ts";
import { openAssets } from "../../../../src/pipeline/render/pages/assets.ts";
import { documentFurniture, renderDocumentPage } from "../../../../src/pipeline/render/pages/document-page.ts";
import { localeFor } from "../../../../src/pipeline/render/locale-for.ts";
import type { SignatureCheck } from "../../../../src/core/signatures/signature-check.ts";
import type { XmlSealShown } from "../../../../src/pipeline/document-forms.ts";
import type { PresentedDocument } from "../../../../src/pipeline/render/pages/presented.ts";
import { R4 } from "../../../r4.ts";
import { SHEET_ADDRESS, styledBundle } from "../narrative/stylesheets/styled.ts";
import { bundle, div, easyPresenter, ID, NOW, PATIENT, presentedOf, summaryOf } from "../sample.ts";

interface Wanted extends Partial<PresentedDocument> {
  readonly language?: string;
  readonly medium?: "screen" | "print";
}

async function pageOf(resource: JsonObject, { language = "en", medium = "screen", ...overrides }: Wanted = {}): Promise<string> {
  const options = {
    locale: localeFor([language]),
    isOpen: true,
    assets: openAssets(undefined),
    medium,
    narratives: easyPresenter(),
    definitions: R4.definitions,
    now: NOW,
  };
  return renderDocumentPage(presentedOf(resource, overrides), options);
}

async function opened(resource: JsonObject, wanted: Wanted = {}): Promise<Document> {
  return new JSDOM(await pageOf(resource, wanted)).window.document;
}

const textAt = (page: Document, selector: string): string => page.querySelector(selector)?.textContent.replace(/\s+/g, " ").trim() ?? "";

/** True when the texts stand in the page in this order. */
function inOrder(text: string, wanted: readonly string[]): string | undefined {
  let from = 0;
  for (const piece of wanted) {
    const at = text.indexOf(piece, from);
    if (at < 0) return piece;
    from = at + piece.length;
  }
  return undefined;
}

describe("what is generated is bounded, and says so", () => {
  const withEntries = (entries: readonly { url: string; resource: object }[], names: readonly string[]): JsonObject => {
    const made = bundle({ section: [{ title: "Data", entry: names.map((name) => ({ reference: name })) }] });
    const array = made.get("entry") as JsonArray;
    for (const { url, resource } of entries) array.add(treeOf({ fullUrl: url, resource }));
    return made;
  };

  test("a file is told of by title, type and size, with a way to it; its base64 is not shown", async () => {
    const attachment = { contentType: "application/pdf", title: "Scan", data: "QUJD\n".repeat(1_000) };
    const page = await opened(
      withEntries(
        [{ url: "urn:uuid:d", resource: { resourceType: "DocumentReference", status: "current", content: [{ attachment }] } }],
        ["urn:uuid:d"],
      ),
    );
    const generated = page.querySelector(".generated");
    expect(generated?.textContent).toContain("Scan, application/pdf, 3.0\u00A0kB");
    expect(generated?.textContent).not.toContain("QUJD");
    expect(generated?.querySelector("a")?.getAttribute("href")).toMatch(new RegExp(`/documents/${ID}/files/1$`));
  });

  test("so many entries are shown, and of lists in lists too; then the page says that there are more", async () => {
    const observation = { resourceType: "Observation", status: "final", code: { text: "Pulse" } };
    const list = (item: string): object => ({
      resourceType: "List",
      status: "current",
      mode: "snapshot",
      entry: Array.from({ length: 60 }, () => ({ item: { reference: item } })),
    });
    const entries = [
      { url: "urn:uuid:a", resource: list("urn:uuid:b") },
      { url: "urn:uuid:b", resource: list("urn:uuid:o") },
      { url: "urn:uuid:o", resource: observation },
    ];
    const few = await opened(withEntries(entries, ["urn:uuid:b"]));
    expect(few.querySelectorAll(".generated tbody tr")).toHaveLength(60);
    expect(few.body.textContent).not.toContain("More entries belong to this section");
    const many = await opened(withEntries(entries, ["urn:uuid:a"]));
    expect(many.querySelectorAll(".generated :is(tr.entry, .list-head)")).toHaveLength(2_000);
    expect(textAt(many, ".generated .remark")).toBe(
      "More entries belong to this section than are shown here: the document as it was submitted holds them all.",
    );
  });
});

describe("the XML seal", () => {
  const check: SignatureCheck = {
    ...{ place: "XML seal", form: "xml-dsig", block: "valid", content: "not-checked", certificate: "valid", signer: "valid", standing: "trusted" },
    ...{ role: "other", signerName: "Chartulary seal", signedAt: "2026-03-14T09:31:05Z", explanation: "The XML seal is told of." },
  };
  const told = async (xmlSeal: XmlSealShown): Promise<string> => textAt(await opened(bundle(), { xmlSeal }), ".proof .signature:nth-of-type(2)");
  const says = { at: "2026-03-14T09:31:06.000Z", by: "Clock 1" };

  test("is told with the proof: whose and when, and that the page does not hold it against the document", async () => {
    const words = "Signature intact Content not checked here: see Verification Certificate this repository’s own Time-stamp none";
    expect(await told({ kind: "sealed", check })).toContain(`Chartulary seal 14-Mar-2026 09:31 UTC ${words}`);
    expect(await told({ kind: "sealed", check: { ...check, block: "invalid", certificate: "not-checked" } })).toContain(
      "Signature false Content not checked Certificate not checked",
    );
  });

  test("has its time-stamp beside it, which names a moment only where somebody vouches for it", async () => {
    expect(await told({ kind: "sealed", check, time: { result: "pass", text: "", says } })).toContain("Time-stamp 14-Mar-2026 09:31 UTC, Clock 1");
    const text = "which proves nothing";
    for (const [result, word] of [
      ["info", "Not confirmed"],
      ["fail", "Failed"],
      ["not-made", "Not made"],
    ] as const)
      expect(await told({ kind: "sealed", check, time: { result, text, says } })).toContain(`Time-stamp ${word} ${text}`);
  });

  test("may be missing: not made so far, impossible, damaged", async () => {
    expect(await told({ kind: "unknown" })).toBe("Seal of this repository over the XML form none known so far");
    expect(await told({ kind: "impossible", reason: "XML has no such character" })).toContain(
      "the document has no XML form XML has no such character",
    );
    expect(await told({ kind: "damaged", reason: "altered" })).toContain("what is kept of it is damaged altered");
  });
});

describe("renderDocumentPage", () => {
  test("says who, then what to beware of, then what, when and how sure, then the attested content, then the rest", async () => {
    const page = await opened(bundle({ status: "preliminary" }));
    const text = page.body.textContent;
    expect(
      inOrder(text, [
        "MEYER, Anna Maria (Dr)",
        "It has not been finalised".toLowerCase(),
        "by Dr Tobias Lind",
        "14-Mar-2026 09:31 +01:00",
        "Sealed",
        "Attested content",
        "About this document",
        "Proof",
        "PDF",
      ]),
    ).toBeUndefined();
  });

  test("presents the narratives in R4's order, each within its section, and nothing else within the frame", async () => {
    const page = await opened(bundle());
    expect(textAt(page, ".attested")).toBe("Anna Maria Meyer In short: recovered. Diagnoses Pneumonia Results See below. Laboratory CRP 12.0 mg/L");
    expect(Array.from(page.querySelectorAll(".attested h2, .attested h3"), (heading) => `${heading.localName} ${heading.textContent}`)).toEqual([
      "h2 Diagnoses",
      "h2 Results",
      "h3 Laboratory",
    ]);
    expect(page.querySelectorAll("h1")).toHaveLength(1);
  });

  test("shows the patient as clinical safety guidance does", async () => {
    const page = await opened(bundle());
    expect(textAt(page, ".patient-name")).toBe("MEYER, Anna Maria (Dr)");
    expect(textAt(page, ".patient-facts")).toBe("born 14-Mar-1961 (65 y) female");
    expect(textAt(page, ".patient-identifiers")).toBe("NHS number 943 476 5919 ID A-17");
  });

  test("says of a patient what is not known, and that one has died", async () => {
    const bare = await opened(bundle({}, [{ resourceType: "Patient", id: "patient" }]));
    expect(textAt(bare, ".patient-banner")).toBe("Name not given date of birth not given sex not given");
    // Spaces of no width, and a filler that counts as a letter.
    for (const unseen of ["\u200b", "\u2060", "\u3164", "-"]) {
      const invisible = await opened(bundle({}, [{ resourceType: "Patient", id: "patient", name: [{ family: unseen }] }]));
      expect(textAt(invisible, ".patient-name")).toBe("Name not given");
      const displayed = await opened(bundle({ subject: { display: unseen } }));
      expect(textAt(displayed, ".patient-name")).toBe("Name not given");
    }
    const dead = await opened(bundle({}, [{ ...PATIENT, deceasedDateTime: "2026-03-15" }]));
    expect(textAt(dead, ".patient-facts")).toBe("born 14-Mar-1961 (65 y) died 15-Mar-2026 female");
    const nobody = await opened(bundle({ subject: undefined }));
    expect(textAt(nobody, ".patient-name")).toBe("This document names no patient");
  });

  test("warns above the frame, worst first, in words", async () => {
    const relations = [
      { kind: "appended-by", isConfirmed: true, other: summaryOf({ title: "Addendum" }) },
      { kind: "superseded-by", isConfirmed: true, other: summaryOf() },
    ] as const;
    const modifierExtension = [{ url: "https://example.org/not-taken", valueBoolean: true }];
    const page = await opened(bundle({ status: "entered-in-error", confidentiality: "R", modifierExtension }), { relations });
    const notices = Array.from(page.querySelectorAll(".notice"), (notice) => notice.textContent.replace(/\s+/g, " ").trim());
    expect(notices).toEqual([
      "Important This document has been replaced. Read the newer one: Discharge summary, corrected, 16-Mar-2026 09:00 UTC.",
      "Important This document was entered in error. Do not use what it says.",
      expect.stringContaining(
        "modifierExtension) that change their meaning and that this service does not know. Do not rely on those parts without asking the sender: https://example.org/not-taken.",
      ),
      expect.stringMatching(/^Warning Restricted:/),
      "Note There is an addition to this document: Addendum, 16-Mar-2026 09:00 UTC.",
    ]);
    expect(page.querySelector(".notice a")?.getAttribute("href")).toBe("http://127.0.0.1:8080/documents/99999999-0000-4000-8000-000000000009");
    const warnings = page.querySelector(".warnings");
    const frame = page.querySelector(".attested");
    expect(warnings && frame && warnings.compareDocumentPosition(frame) & 4).toBe(4);
  });

  test("says that a claim to replace it is unconfirmed, without calling it replaced", async () => {
    const page = await opened(bundle(), { relations: [{ kind: "superseded-by", isConfirmed: false, other: summaryOf() }] });
    expect(textAt(page, ".notice.warning")).toMatch(/^Warning Another document says that it replaces this one, but .* unconfirmed/);
    expect(page.querySelector(".notice.danger")).toBeNull();
  });

  test("finds an unknown modifier extension wherever it hides", async () => {
    const observation = { resourceType: "Observation", id: "o", component: [{ code: { modifierExtension: [{ url: "https://example.org/deep" }] } }] };
    expect(textAt(await opened(bundle({}, [observation])), ".notice.danger")).toContain("https://example.org/deep");
  });

  test("what of its stylesheets is not applied is told above it, in words and not by a link", async () => {
    const links = ["https://elsewhere.example/<b>.css", "Binary/none", SHEET_ADDRESS].map((url) => ({ relation: "stylesheet", url }));
    const css = "p::before { content: 'not ' } p { position: fixed; color: red }";
    const page = await opened(styledBundle(css, "<p>5 mg</p>", { links }));
    const notes = Array.from(page.querySelectorAll(".notice.note"), (note) => note.textContent.replace(/\s+/g, " ").trim());
    expect(notes).toEqual([
      "Note Some of this document's text would have been hidden, or could not have been read, in its author's style. It is shown in ours.",
      "Note This document asks for a stylesheet that does not lie in it. It was not fetched: https://elsewhere.example/<b>.css",
      "Note A stylesheet of this document could not be read and is not applied: Binary/none",
      expect.stringMatching(/^Note Some of the style .*: ::before, position$/),
    ]);
    expect(page.querySelector(".warnings a")).toBeNull();
    expect(page.querySelector(".narrative p")?.getAttribute("style")).toBe("color: #ff0000");
  });

  test("says when seal or signature do not match, and never that all is well", async () => {
    const seal = { ...presentedOf(bundle()).seal, content: "invalid" } as const;
    const page = await opened(bundle(), { seal, signatures: [{ ...seal, place: "Bundle.signature", signerName: "Dr T. Lind" }] });
    expect(page.querySelectorAll(".notice.danger")).toHaveLength(2);
    expect(textAt(page, ".proof-line")).toBe("Sealed 14-Mar-2026 09:02 UTC · a signature is not valid · does not match its seal Proof");
    expect(page.querySelector(".proof-line.good")).toBeNull();
  });

  test("names the signer in the line of proof when the signature is good", async () => {
    const signature = { ...presentedOf(bundle()).seal, place: "Bundle.signature", signerName: "Dr T. Lind" };
    const page = await opened(bundle(), { signatures: [signature] });
    expect(textAt(page, ".proof-line.good")).toBe("Sealed 14-Mar-2026 09:02 UTC · signature of Dr T. Lind valid · unchanged since Proof");
  });

  test("does not vouch for a signer whom no trust list knows", async () => {
    const signature = {
      ...presentedOf(bundle()).seal,
      place: "Bundle.signature",
      certificate: "not-checked",
      standing: "unknown",
      signerName: "Dr T. Lind",
    } as const;
    const page = await opened(bundle(), { signatures: [signature] });
    expect(textAt(page, ".proof-line")).toContain("signature of Dr T. Lind intact, signer not confirmed");
  });

  test("says what changes how a section is read", async () => {
    const section = [
      { title: "Medication", mode: "changes", orderedBy: { text: "priority" }, focus: { display: "Baby Meyer" }, text: div("<p>a</p>") },
      { title: "Allergies", text: div("<p>none</p>"), emptyReason: { coding: [{ code: "nilknown", display: "Nil Known" }] } },
    ];
    const page = await opened(bundle({ section }));
    expect(Array.from(page.querySelectorAll(".remark"), (remark) => remark.textContent)).toEqual([
      "Medication: About: Baby Meyer.",
      "Medication: Only changes are listed here: this is not the complete list.",
      "Medication: Ordered by: priority.",
      "Allergies: Why it has no entries: Nil Known.",
    ]);
    expect(Array.from(page.querySelectorAll(".attested"), (frame) => frame.textContent.replace(/\s+/g, " ").trim())).toEqual([
      "Anna Maria Meyer In short: recovered.",
      "Medication a",
      "Allergies none",
    ]);
  });

  test("makes a table of entries that have no narrative, and says that nobody attested it", async () => {
    const potassium = {
      resourceType: "Observation",
      id: "k",
      status: "final",
      code: { text: "Potassium" },
      valueQuantity: { value: new JsonNumber("4.10"), unit: "mmol/L" },
      effectiveDateTime: "2026-03-14",
    };
    const never = {
      resourceType: "MedicationRequest",
      id: "m",
      status: "active",
      doNotPerform: true,
      medicationCodeableConcept: { text: "Penicillin" },
    };
    const other = { resourceType: "Goal", id: "g", description: { text: "Walk again" }, startDate: "2026-03-14" };
    const section = [
      {
        title: "Data",
        entry: [
          { reference: "urn:uuid:k" },
          { reference: "urn:uuid:m" },
          { reference: "urn:uuid:g" },
          { reference: "urn:uuid:x", display: "Elsewhere" },
        ],
      },
    ];
    const page = await opened(bundle({ section }, [potassium, never, other]));
    expect(textAt(page, ".generated-label")).toBe("Generated from the document's data, not attested");
    const text = textAt(page, ".generated");
    expect(
      inOrder(text, [
        "Potassium",
        "4.10 mmol/L",
        "14-Mar-2026",
        "DO NOT GIVE OR DO Penicillin",
        "Goal",
        "Walk again",
        "Not in the document: Elsewhere",
      ]),
    ).toBeUndefined();
  });

  test("calls nothing attested that nobody attested", async () => {
    expect(textAt(await opened(bundle()), ".attested-label")).toBe("Attested content");
    expect(textAt(await opened(bundle({ attester: undefined })), ".attested-label")).toBe("Content of the document");
  });

  test("writes a document in Arabic from right to left within a page in English", async () => {
    const section = [{ title: "التشخيص", text: div("<p>التهاب</p>", ' lang="ar" dir="rtl"') }];
    const page = await opened(bundle({ language: "ar", section }));
    expect(page.documentElement.dir).toBe("ltr");
    expect(page.querySelector(".attested")?.getAttribute("dir")).toBe("rtl");
    expect(page.querySelector(".section .narrative")?.getAttribute("lang")).toBe("ar");
    expect(page.querySelector(".section .narrative")?.getAttribute("dir")).toBe("rtl");
  });

  test("keeps ids of two resources apart, and the links within each", async () => {
    const patient = { ...PATIENT, text: div('<p id="a">x <a href="#a">up</a></p>') };
    const page = await opened(
      bundle({ text: div('<p id="a">y</p>'), section: [{ title: "s", text: div('<p><a href="#a">see</a></p>') }] }, [patient]),
    );
    const ids = Array.from(page.querySelectorAll("[id]"), ({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const link of page.querySelectorAll(".narrative a")) expect(ids).toContain(link.getAttribute("href")?.slice(1));
  });

  test("shows images that lie in the document, and fetches none", async () => {
    const contained = [{ resourceType: "Binary", id: "pic", contentType: "image/png", data: "iVBO\nRw0=" }];
    const text = div('<p><img src="#pic" alt="ECG"/><img src="urn:uuid:media" alt="X-ray"/><img src="https://evil.example/b.png" alt="beacon"/></p>');
    const media = { resourceType: "Media", id: "media", content: { contentType: "image/jpeg", data: "AAAA" } };
    const page = await opened(bundle({ contained, text }, [media]));
    expect(Array.from(page.querySelectorAll("img"), (image) => image.getAttribute("src"))).toEqual([
      "data:image/png;base64,iVBORw0=",
      "data:image/jpeg;base64,AAAA",
    ]);
    expect(textAt(page, ".image-missing")).toBe("[× beacon]");
    expect(textAt(page, ".notice.warning")).toContain("An image lies outside this document");
  });

  test("stands alone when it is to be printed: no link to styles, no navigation", async () => {
    const html = await pageOf(bundle(), { medium: "print" });
    const page = new JSDOM(html).window.document;
    expect(page.querySelectorAll("link, script, nav, .skip-link, .page-footer")).toHaveLength(0);
    expect(html).toContain("<style>");
    expect(page.querySelector(".proof")?.textContent).toContain("ab".repeat(32));
  });

  test("runs no script and holds no inline style sheet on a screen", async () => {
    const html = await pageOf(bundle());
    expect(html).not.toMatch(/<script|<style| on[a-z]+=/i);
    expect(html).toMatch(/<link rel="stylesheet" href="\/assets\/[0-9a-f]{16}\.css"/);
  });

  test("escapes every string of a document, wherever it is shown", async () => {
    const poison = `"><script>alert(1)</script><img src=x onerror=alert(2)>'&`;
    const everywhere = JSON.parse(JSON.stringify(bundleJson()), (key, value: unknown) =>
      typeof value === "string" && !/^(?:reference|fullUrl|resourceType|div|id|status|mode)$/.test(key) ? poison : value,
    ) as object;
    const { treeOf } = await import("../../../../src/core/fhir/tree/tree.ts");
    const html = await pageOf(treeOf(everywhere) as JsonObject, {
      warnings: [{ rule: poison, text: poison }],
      submitter: poison,
      signatures: [{ ...presentedOf(bundle()).seal, signerName: poison, signedAt: poison, explanation: poison }],
      relations: [
        { kind: "replaces", isConfirmed: true, other: summaryOf({ title: poison, date: poison }) },
        { kind: "claims-missing", isConfirmed: false, target: poison },
      ],
    });
    const page = new JSDOM(html).window.document;
    expect(page.querySelectorAll("script, img, [onerror]")).toHaveLength(0);
    expect(page.querySelectorAll("*").length).toBeGreaterThan(80);
  });

  test("looks as it did (fixtures/renderings; UPDATE_RENDERINGS=1 writes it anew)", async () => {
    const file = new URL("../../../../fixtures/renderings/discharge-summary.html", import.meta.url);
    const html = (await pageOf(bundle())).replace(/\/assets\/[0-9a-f]{16}\.css/, "/assets/styles.css");
    if (process.env["UPDATE_RENDERINGS"] === "1") writeFileSync(file, html);
    expect(html).toBe(readFileSync(file, "utf8"));
  });
});

describe("documentFurniture", () => {
  test("names patient and document for the head and foot of each page", () => {
    expect(documentFurniture(presentedOf(bundle()), localeFor(["en"]), NOW)).toEqual({
      patient: "MEYER, Anna Maria (Dr) · born 14-Mar-1961 (65 y) · female · NHS number 943 476 5919",
      document: "Discharge summary · 14-Mar-2026 09:31 +01:00",
      identifier: ID,
      address: `http://127.0.0.1:8080/documents/${ID}/verify`,
      language: "en",
      headLanguage: "en",
    });
  });
});

/** The sample as plain data. */
function bundleJson(): unknown {
  const plain = (value: unknown): unknown => {
    if (value !== null && typeof value === "object" && "names" in value && "values" in value) {
      const { names, values } = value as JsonObject;
      return Object.fromEntries(names.map((name, at) => [name, plain(values[at])]));
    }
    if (value !== null && typeof value === "object" && "items" in value) return (value.items as unknown[]).map(plain);
    return value;
  };
  const medication = {
    resourceType: "MedicationRequest",
    id: "m",
    medicationCodeableConcept: { text: "x" },
    dosageInstruction: [{ text: "y" }],
    note: [{ text: "z" }],
  };
  const goal = { resourceType: "Goal", id: "g", description: { text: "x" } };
  const section = [
    {
      title: "t",
      code: { text: "c" },
      focus: { display: "f" },
      orderedBy: { text: "o" },
      entry: [{ reference: "urn:uuid:m" }, { reference: "urn:uuid:g" }, { display: "d" }],
    },
  ];
  const encounter = { display: "e" };
  return plain(
    bundle({ section, encounter, event: [{ code: [{ text: "e" }] }], confidentiality: "R", modifierExtension: [{ url: "u" }] }, [medication, goal]),
  );
}

describe("profiles that a document declares", () => {
  const declaring = (profile: readonly string[]): JsonObject =>
    bundle({ meta: { profile } }, [{ ...PATIENT, meta: { profile: profile.slice(0, 1) } }]);

  test.each(["screen", "print"] as const)("are named once each, and said not to be checked (%s)", async (medium) => {
    const page = await opened(declaring(["https://example.org/StructureDefinition/a", "https://example.org/StructureDefinition/b"]), { medium });
    const row = page.querySelector(".profiles")?.parentElement;
    expect(row?.textContent.replace(/\s+/g, " ")).toBe(
      "not checked here https://example.org/StructureDefinition/a https://example.org/StructureDefinition/b ",
    );
  });

  test("but not R4's own, which are checked", async () => {
    const page = await opened(declaring(["http://hl7.org/fhir/StructureDefinition/Composition"]));
    expect(page.querySelector(".profiles")).toBeNull();
  });

  test("a thousand are counted", async () => {
    const page = await opened(declaring(Array.from({ length: 1000 }, (_, at) => `https://example.org/${at}`)));
    expect([...page.querySelectorAll(".profiles li")].map((item) => item.textContent).slice(-2)).toEqual(["https://example.org/29", "+ 970"]);
  });
});
