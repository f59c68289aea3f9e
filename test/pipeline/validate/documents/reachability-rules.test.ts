import { describe, expect, test } from "@jest/globals";
import {
  afterChange,
  AUTHOR_URL,
  compositionOf,
  COMPOSITION_URL,
  entries,
  OBSERVATION_URL,
  resourceAt,
  sectionOf,
  type Plain,
} from "../a-document.ts";

const URL = "urn:uuid:00000000-0000-4000-8000-000000000005";
const NEXT = "urn:uuid:00000000-0000-4000-8000-000000000006";

function added(...resources: Plain[]): (document: Plain) => void {
  return (document) => void entries(document).push(...resources.map((resource, at) => ({ fullUrl: [URL, NEXT][at], resource })));
}

function provenance(target: string): Plain {
  return {
    resourceType: "Provenance",
    target: [{ reference: target }],
    recorded: "2026-03-14T09:31:00Z",
    agent: [{ who: { reference: AUTHOR_URL } }],
  };
}

describe("stylesheets (documents.html, Document Presentation)", () => {
  const linked = (url: string) => (document: Plain) => void (document["link"] = [{ relation: "stylesheet", url }]);

  test.each(["none.css", "Binary/none", "#none", "/none.css"])("%s leads nowhere: an error where the link is", (url) => {
    expect(afterChange(linked(url))).toEqual(["error stylesheet-unresolved Bundle.link[0].url"]);
  });

  test.each(["https://hospital.example/page.css", "urn:oid:2.999.1", "data:text/css,p"])("%s is an address of its own", (url) => {
    expect(afterChange(linked(url))).toEqual([]);
  });

  test("one in the document, by its address, relative, or within the Composition", () => {
    const sheet = { resourceType: "Binary", id: "sheet", contentType: "text/css", data: "cA==" };
    for (const url of [URL, "Binary/sheet"]) expect(afterChange((document) => (linked(url)(document), added(sheet)(document)))).toEqual([]);
    const within = (document: Plain): void => {
      linked("#sheet")(document);
      compositionOf(document)["contained"] = [sheet];
    };
    expect(afterChange(within).filter((line) => line.includes("stylesheet"))).toEqual([]);
  });
});

describe("checklist 11: a document includes only what its Composition leads to", () => {
  test("an entry that no link connects is an error", () => {
    expect(afterChange(added({ resourceType: "Practitioner", name: [{ family: "Nobody" }] }))).toEqual(["error entry-unreachable Bundle.entry[4]"]);
  });

  test("two that only know each other are no better", () => {
    const circle = added(
      { resourceType: "PractitionerRole", practitioner: { reference: NEXT } },
      { resourceType: "Practitioner", extension: [{ url: "https://hospital.example/role", valueReference: { reference: URL } }] },
    );
    expect(afterChange(circle)).toEqual(["error entry-unreachable Bundle.entry[4]", "error entry-unreachable Bundle.entry[5]"]);
  });

  test("one that only refers to others is a warning", () => {
    expect(afterChange(added({ resourceType: "PractitionerRole", practitioner: { reference: AUTHOR_URL } }))).toEqual([
      "warning entry-reverse-link Bundle.entry[4]",
    ]);
  });

  test.each([COMPOSITION_URL, OBSERVATION_URL])("Provenance of %s is allowed", (target) => {
    expect(afterChange(added(provenance(target)))).toEqual([]);
  });

  test("what can be reached over others is included, links in extensions and contained resources counted", () => {
    const said = afterChange((document) => {
      added({ resourceType: "Specimen", note: [{ text: "n", authorReference: { reference: NEXT } }] }, { resourceType: "Practitioner" })(document);
      Object.assign(resourceAt(document, 3), {
        contained: [{ resourceType: "Specimen", id: "s", parent: [{ reference: URL }] }],
        specimen: { reference: "#s" },
      });
    });
    expect(said).toEqual([]);
  });

  test.each(["Binary/style", "https://hospital.example/fhir/Binary/style"])("a stylesheet that Bundle.link names as %s is allowed", (url) => {
    const said = afterChange((document) => {
      document["link"] = [{ relation: "stylesheet", url }];
      entries(document).push({
        fullUrl: "https://hospital.example/fhir/Binary/style",
        resource: { resourceType: "Binary", id: "style", contentType: "text/css" },
      });
    });
    expect(said).toEqual([]);
  });

  test("an image of a narrative leads to its Binary", () => {
    const said = afterChange((document) => {
      sectionOf(document)["text"] = { status: "additional", div: `<div xmlns="http://www.w3.org/1999/xhtml"><img src="${URL}" alt="curve"/></div>` };
      added({ resourceType: "Binary", contentType: "image/png", data: "YWJj" })(document);
    });
    expect(said).toEqual([]);
  });

  test("a Binary that nothing names is not, nor is another resource that is called a stylesheet", () => {
    const binary = afterChange(added({ resourceType: "Binary", contentType: "text/css" }));
    const basic = afterChange((document) => {
      document["link"] = [{ relation: "stylesheet", url: URL }];
      added({ resourceType: "Basic", code: { text: "style" } })(document);
    });
    expect([binary, basic]).toEqual([["error entry-unreachable Bundle.entry[4]"], ["error entry-unreachable Bundle.entry[4]"]]);
  });

  test("a circle of references ends", () => {
    const said = afterChange((document) => {
      compositionOf(document)["event"] = [{ detail: [{ reference: OBSERVATION_URL }] }];
      resourceAt(document, 3)["focus"] = [{ reference: COMPOSITION_URL }, { reference: OBSERVATION_URL }];
    });
    expect(said).toEqual([]);
  });
});
