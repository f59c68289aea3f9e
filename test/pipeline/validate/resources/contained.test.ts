import { describe, expect, test } from "@jest/globals";
import { briefly, narrative, saidOf, type Plain } from "../a-document.ts";

function observation(contained: Plain[], more: Plain = {}): Plain {
  return { resourceType: "Observation", contained, status: "final", code: { text: "Pulse" }, ...more };
}

const NURSE = { resourceType: "Practitioner", id: "nurse" };
const BY_NURSE = { performer: [{ reference: "#nurse" }] };

describe("checklist 17: contained resources", () => {
  test.each<[rule: string, resource: Plain, lines: string[]]>([
    [
      "dom-2: none within another",
      observation([{ ...NURSE, contained: [{ resourceType: "Organization", id: "ward", name: "Ward" }] }], {
        performer: [{ reference: "#nurse" }, { reference: "#ward" }],
      }),
      ["error dom-2 Observation.contained[0]"],
    ],
    ["dom-3: referred to", observation([NURSE]), ["error dom-3 Observation.contained[0]"]],
    [
      "dom-3: by its id",
      observation([{ resourceType: "Practitioner" }], { performer: [{ display: "Nurse" }] }),
      ["error dom-3 Observation.contained[0]"],
    ],
    ["dom-4: no version", observation([{ ...NURSE, meta: { versionId: "1" } }], BY_NURSE), ["error dom-4 Observation.contained[0]"]],
    [
      "dom-4: no date",
      observation([{ ...NURSE, meta: { lastUpdated: "2026-03-14T09:31:00Z" } }], BY_NURSE),
      ["error dom-4 Observation.contained[0]"],
    ],
    [
      "dom-5: no security label",
      observation([{ ...NURSE, meta: { security: [{ code: "R" }] } }], BY_NURSE),
      ["error dom-5 Observation.contained[0]"],
    ],
    [
      "ref-1: #id leads somewhere",
      observation([NURSE], { performer: [{ reference: "#nurse" }, { reference: "#doctor" }] }),
      ["error ref-1 Observation.performer[1]"],
    ],
    [
      "ref-1: without any contained resource",
      { resourceType: "Patient", managingOrganization: { reference: "#ward" } },
      ["error ref-1 Patient.managingOrganization"],
    ],
  ])("%s", (_, resource, lines) => {
    expect(briefly(saidOf(resource))).toEqual(lines);
  });

  test.each<[what: string, resource: Plain]>([
    ["referred to by a Reference", observation([NURSE], BY_NURSE)],
    [
      "by another contained one, which is referred to",
      observation(
        [
          { ...NURSE, resourceType: "PractitionerRole", organization: { reference: "#ward" } },
          { resourceType: "Organization", id: "ward", name: "Ward" },
        ],
        BY_NURSE,
      ),
    ],
    [
      "by a canonical",
      {
        resourceType: "PlanDefinition",
        contained: [{ resourceType: "Library", id: "logic", status: "draft", type: { text: "logic" } }],
        status: "draft",
        library: ["#logic"],
      },
    ],
    [
      "referring to its container itself",
      observation([
        {
          resourceType: "Provenance",
          id: "who",
          target: [{ reference: "#" }],
          recorded: "2026-03-14T09:31:00Z",
          agent: [{ who: { display: "Nurse" } }],
        },
      ]),
    ],
    [
      "an image of the narrative (R4 narrative.html)",
      {
        ...observation([{ resourceType: "Binary", id: "curve", contentType: "image/png", data: "YWJj" }]),
        text: narrative('<img src="#curve" alt="curve"/>'),
      },
    ],
    ["tags and profiles of its own", observation([{ ...NURSE, meta: { tag: [{ code: "draft" }] } }], BY_NURSE)],
  ])("%s: no breach", (_, resource) => {
    expect(briefly(saidOf(resource))).toEqual([]);
  });

  test("#id leads into the resource that it stands in, never into another entry's", () => {
    const bundle = {
      resourceType: "Bundle",
      type: "collection",
      entry: [
        { fullUrl: "urn:oid:2.999.1", resource: observation([NURSE], BY_NURSE) },
        { fullUrl: "urn:oid:2.999.2", resource: { resourceType: "Observation", status: "final", code: { text: "Weight" }, ...BY_NURSE } },
      ],
    };
    expect(briefly(saidOf(bundle))).toEqual(["error ref-1 Bundle.entry[1].resource.performer[0]"]);
  });
});

test("a link in the narrative is a reference to what is contained; a reference to itself is none", () => {
  const link = `<div xmlns="http://www.w3.org/1999/xhtml"><a href="#o">Ward</a></div>`;
  const ward = { resourceType: "Organization", id: "o", name: "Ward" };
  expect(briefly(saidOf({ resourceType: "Patient", text: { status: "additional", div: link }, contained: [ward] }))).toEqual([]);
  expect(briefly(saidOf({ resourceType: "Patient", active: true, contained: [{ ...ward, partOf: { reference: "#o" } }] }))).toEqual([
    "error dom-3 Patient.contained[0]",
  ]);
});

test("# leads out of a contained resource, and from no other", () => {
  expect(briefly(saidOf({ resourceType: "Patient", link: [{ other: { reference: "#" }, type: "seealso" }] }))).toEqual([
    "error ref-1 Patient.link[0].other",
  ]);
});
