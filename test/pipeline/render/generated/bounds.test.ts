/** What a hostile document may cost: no more than a small multiple of its size, however its resources refer to each other. */
import { expect, test } from "@jest/globals";
import { pageText } from "./primitives.ts";
import { shown, shownHtml, shownText, textsOf, type Resource } from "./shown.ts";

const observation = (id: string, more: object): Resource => ({
  resourceType: "Observation",
  id,
  status: "final",
  code: { text: `Value ${id}` },
  ...more,
});
const to = (...ids: readonly string[]): object[] => ids.map((id) => ({ reference: `urn:uuid:${id}` }));
const sizeOf = (resources: readonly Resource[]): number => JSON.stringify(resources).length;

test("ten thousand results that are members of each other", () => {
  const count = 10_000;
  const ids = Array.from({ length: count }, (_, at) => `o${at}`);
  const resources = ids.map((id, at) =>
    observation(id, { hasMember: to(ids[(at + 1) % count] ?? "", ids[(at + 7) % count] ?? "", ids[(at + 4_999) % count] ?? "") }),
  );
  const html = shownHtml(resources, { entries: ["o0"] });
  expect(html.length).toBeLessThan(3 * sizeOf(resources));
  expect(html).toContain("More entries belong to this section");
});

test("a chain of ten thousand members, each of the one before", () => {
  const resources = Array.from({ length: 10_000 }, (_, at) => observation(`o${at}`, { hasMember: to(`o${at + 1}`) }));
  expect(shownHtml(resources, { entries: ["o0"] }).length).toBeLessThan(3 * sizeOf(resources));
});

test("two that are members of each other are shown once each, in a section and as its only entries", () => {
  const resources = [observation("a", { hasMember: to("b") }), observation("b", { hasMember: to("a") })];
  for (const entries of [["a"], ["b"], ["a", "b"]]) {
    const text = shownText(resources, { entries });
    expect(text.match(/Value a final/g)).toHaveLength(1);
    expect(text.match(/Value b final/g)).toHaveLength(1);
  }
});

test("a large resource that two thousand entries, lists and medicines refer to", () => {
  const large = { resourceType: "Medication", id: "large", code: { text: "x".repeat(20_000) } };
  const requests = Array.from({ length: 1_000 }, (_, at) => ({
    resourceType: "MedicationRequest",
    id: `m${at}`,
    status: "active",
    intent: "order",
    medicationReference: { reference: "urn:uuid:large" },
  }));
  const list = {
    resourceType: "List",
    id: "l",
    status: "current",
    mode: "snapshot",
    entry: Array.from({ length: 2_000 }, () => ({ item: { reference: "urn:uuid:large" } })),
  };
  const resources = [...requests, list, large];
  expect(shownHtml(resources).length).toBeLessThan(5 * sizeOf(resources) + 3_000_000);
});

test("a long name is cut where it is only a name", () => {
  const long = { resourceType: "Organization", id: "long", name: "n".repeat(50_000) };
  const resources = [...Array.from({ length: 500 }, (_, at) => observation(`o${at}`, { performer: to("long") })), long];
  expect(shownHtml(resources, { entries: resources.slice(0, -1).map(({ id }) => id) }).length).toBeLessThan(4 * sizeOf(resources));
});

test("roles of roles, and contained resources that hold references to themselves, have an end", () => {
  const role = { resourceType: "PractitionerRole", id: "r", practitioner: { reference: "urn:uuid:r" }, organization: { reference: "urn:uuid:r" } };
  const contained = [
    {
      resourceType: "Observation",
      id: "c",
      status: "final",
      code: { text: "inside" },
      derivedFrom: [{ reference: "#c" }],
      focus: [{ reference: "#" }],
    },
  ];
  const text = shownText([observation("o", { performer: to("r"), derivedFrom: [{ reference: "#c" }], contained }), role], { entries: ["o", "r"] });
  expect(text).toContain("inside");
});

test("a file of two megabytes is told of, and is not in the page", () => {
  const file = {
    resourceType: "DocumentReference",
    id: "d",
    status: "current",
    content: [{ attachment: { contentType: "application/pdf", title: "Scan", data: "QUJD".repeat(500_000), hash: "AAAA" } }],
  };
  const html = shownHtml([file]);
  expect(html.length).toBeLessThan(3_000);
  expect(pageText(html)).toContain("Scan, application/pdf, 1.5 MB, DOES NOT MATCH ITS HASH");
});

test("what is folded takes no room from what is open, and shows no picture again", () => {
  const media = { resourceType: "Media", id: "m", status: "completed", content: { contentType: "image/png", data: "iVBORw0KGgo=" } };
  expect(shownHtml([media])).toContain('src="data:image/png;base64,iVBORw0KGgo="');
  const folded = shownHtml([media], { isFolded: true });
  expect(folded).toMatch(/^<details class="generated section-data"/);
  expect(folded).not.toContain("<img");
});

test("number and unit stay whole in a narrow column, unless they are so long that a column would be lost for them", () => {
  const units = ["mg/L", "micrograms/L", "copies of the genome in each millilitre"];
  const page = shown(units.map((unit, at) => observation(`o${at}`, { valueQuantity: { value: 35, unit } })));
  expect(textsOf(page, "bdi.whole")).toEqual(["35 micrograms/L"]);
  const claim = { resourceType: "Claim", id: "c", status: "active", use: "claim", total: { value: 129.16, currency: "USD" } };
  expect(textsOf(shown([claim]), "bdi.whole")).toEqual(["129.16 USD"]);
});
