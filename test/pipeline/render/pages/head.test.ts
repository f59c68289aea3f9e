/** What stands at the top of a document's page, and what is folded at its end. */
import { describe, expect, test } from "@jest/globals";
import { JSDOM } from "jsdom";
import type { JsonObject } from "../../../../src/core/fhir/tree/tree.ts";
import { localeFor } from "../../../../src/pipeline/render/locale-for.ts";
import { openAssets } from "../../../../src/pipeline/render/pages/assets.ts";
import { renderDocumentPage } from "../../../../src/pipeline/render/pages/document-page.ts";
import type { PresentedDocument } from "../../../../src/pipeline/render/pages/presented.ts";
import { R4 } from "../../../r4.ts";
import { bundle, div, easyPresenter, ID, NOW, presentedOf } from "../sample.ts";

async function opened(resource: JsonObject, overrides: Partial<PresentedDocument> = {}, medium: "screen" | "print" = "screen"): Promise<Document> {
  const page = await renderDocumentPage(presentedOf(resource, overrides), {
    locale: localeFor(["en"]),
    isOpen: false,
    assets: openAssets(undefined),
    medium,
    narratives: easyPresenter(),
    definitions: R4.definitions,
    now: NOW,
  });
  return new JSDOM(page).window.document;
}

const texts = (page: Document, selector: string): string[] =>
  Array.from(page.querySelectorAll(selector), (element) => element.textContent.replace(/\s+/g, " ").trim());

const section = (title: string, more: object = {}): object => ({ title, text: div(`<p>about ${title}</p>`), ...more });

describe("the list of sections", () => {
  test("leads to the heading of each, those within others too", async () => {
    const page = await opened(bundle({ section: [section("A", { section: [section("A1", { section: [section("A11")] })] }), section("B")] }));
    expect(texts(page, ".contents li")).toEqual(["A", "A1", "A11", "B"]);
    for (const link of page.querySelectorAll(".contents a"))
      expect(page.querySelector(link.getAttribute("href") ?? "none")?.textContent).toBe(link.textContent);
    expect(texts(page, ".attested :is(h2, h3, h4)")).toEqual(["A", "A1", "A11", "B"]);
  });

  test("leads to the text of a section without a title", async () => {
    const page = await opened(bundle({ section: [section("A"), { text: div("<p>untitled words</p>") }, section("B")] }));
    const link = page.querySelector(".contents li:nth-child(2) a");
    expect(link?.textContent).toBe("Section without a title");
    expect(page.querySelector(link?.getAttribute("href") ?? "none")?.textContent.trim()).toBe("untitled words");
  });

  test("is folded when it is long, and left out when it is short or on paper", async () => {
    const many = bundle({ section: Array.from({ length: 9 }, (_, at) => section(`S${at}`)) });
    expect((await opened(many)).querySelector(".contents details")?.hasAttribute("open")).toBe(false);
    expect((await opened(bundle())).querySelector(".contents details")?.hasAttribute("open")).toBe(true);
    expect((await opened(bundle({ section: [section("A")] }))).querySelector(".contents")).toBeNull();
    expect((await opened(many, {}, "print")).querySelector(".contents")).toBeNull();
  });
});

describe("the way back and the PDF", () => {
  test("stand before everything else", async () => {
    const page = await opened(bundle());
    expect(Array.from(page.querySelectorAll("main > :first-child a"), (link) => link.getAttribute("href"))).toEqual([
      "/",
      `/documents/${ID}.pdf`,
      `/documents/${ID}/patient`,
    ]);
  });

  test("a document about nobody who stands in it leads to no patient", async () => {
    const page = await opened(bundle({ subject: { display: "Somebody" } }));
    expect(page.querySelector('a[href$="/patient"]')).toBeNull();
  });

  test("are not offered for a file that was not deposited", async () => {
    expect((await opened(bundle(), { isUndeposited: true, id: "", url: "" })).querySelectorAll("nav.page-actions, nav.downloads")).toHaveLength(0);
  });
});

describe("authors, hospital and stay", () => {
  const role = {
    resourceType: "PractitionerRole",
    id: "role",
    practitioner: { reference: "urn:uuid:doctor" },
    organization: { display: "Cardiology" },
    code: [{ text: "Registrar" }],
  };
  const nurse = { resourceType: "Practitioner", id: "nurse", name: [{ text: "Ada Nurse" }], qualification: [{ code: { text: "RN" } }] };
  const daughter = { resourceType: "RelatedPerson", id: "kin", name: [{ text: "Eva Meyer" }], relationship: [{ text: "daughter" }] };
  const authors = ["role", "nurse", "kin"].map((id) => ({ reference: `urn:uuid:${id}` }));

  test("each author has a line, with the role", async () => {
    const page = await opened(bundle({ author: authors }, [role, nurse, daughter]));
    expect(texts(page, ".authors li")).toEqual(["by Dr Tobias Lind, Cardiology Registrar", "by Ada Nurse RN", "by Eva Meyer daughter"]);
  });

  test("of many, the first, and a way to the others", async () => {
    const page = await opened(bundle({ author: Array.from({ length: 9 }, (_, at) => ({ display: `Dr ${at}` })) }));
    expect(texts(page, ".authors li")).toHaveLength(7);
    expect(texts(page, ".authors li").at(-1)).toBe("and 3 more");
  });

  test.each([
    ["IMP", "Harbour Hospital Stay 01-Mar-2026 08:00 – 02-Mar-2026 09:00 UTC"],
    ["AMB", "Harbour Hospital Encounter 01-Mar-2026 08:00 – 02-Mar-2026 09:00 UTC"],
  ])("the hospital that keeps it and an encounter of class %s", async (code, line) => {
    const period = { start: "2026-03-01T08:00:00+01:00", end: "2026-03-02T09:00:00Z" };
    const encounter = { resourceType: "Encounter", id: "stay", status: "finished", class: { code }, period };
    const page = await opened(bundle({ encounter: { reference: "urn:uuid:stay" } }, [encounter]));
    expect(texts(page, ".byline.place")).toEqual([line]);
  });

  test("the document's own zone is told once, others each time", async () => {
    const page = await opened(bundle());
    const own = page.body.textContent.match(/\d\d:\d\d \+01:00/g) ?? [];
    // The title, and the head of what a browser prints.
    expect(own).toHaveLength(2);
    expect(texts(page, ".about dd").join(" ")).toMatch(/14-Mar-2026 10:00 .* 14-Mar-2026 09:31 .*14-Mar-2026 09:02 UTC/);
  });
});

describe("how the texts were made", () => {
  const statuses = (page: Document): string[] =>
    Array.from(page.querySelectorAll(".about dt"))
      .filter((term) => term.textContent === "Texts")
      .flatMap((term) => Array.from(term.parentElement?.querySelectorAll("dd") ?? [], (value) => value.textContent));

  test("is told once when it is the same of all", async () => {
    expect(statuses(await opened(bundle()))).toEqual(["generated from the data"]);
  });

  test("is told with the names of the texts when it differs", async () => {
    const more = section("B", { text: { ...div("<p>b</p>"), status: "additional" } });
    expect(statuses(await opened(bundle({ section: [section("A", { section: [more] }), section("C")] })))).toEqual([
      "generated from the data: Subject, Discharge summary, A, C",
      "says more than the data: B",
    ]);
  });
});

describe("what is folded", () => {
  const warnings = ["same", "other", "same"].map((text) => ({ rule: text, text }));

  test("remarks at deposit, each once with a count", async () => {
    const page = await opened(bundle(), { warnings });
    expect(texts(page, ".about details summary")).toEqual(["3 remarks"]);
    expect(texts(page, ".about details li")).toEqual(["same (×2)", "other"]);
    expect(page.querySelector(".about details")?.hasAttribute("open")).toBe(false);
  });

  test("of many remarks by one rule the first few, and how many more there are", async () => {
    const many = Array.from({ length: 46 }, (_, at) => ({ rule: "entry-unreachable", text: `entry ${at} can't be reached` }));
    const paper = await opened(bundle(), { warnings: [...many, ...warnings] }, "print");
    const remarks = texts(paper, ".about dd");
    expect(remarks).toEqual(expect.arrayContaining(["entry 2 can't be reached", "and 43 more like these", "same (×2)", "other"]));
    expect(remarks).not.toContain("entry 3 can't be reached");
  });

  test("the digests; on paper nothing is folded", async () => {
    expect(texts(await opened(bundle()), ".proof details .code").join(" ")).toContain("ab".repeat(32));
    const paper = await opened(bundle(), { warnings }, "print");
    expect(paper.querySelectorAll("details")).toHaveLength(0);
    expect(texts(paper, ".about dd")).toEqual(expect.arrayContaining(["same (×2)", "other"]));
    expect(paper.querySelector(".proof")?.textContent).toContain("ab".repeat(32));
  });
});
