/** Bundles whose references, fullUrls, identifiers and links are of every form, at every place of a document and in other Bundles. */
import { aDocument, AUTHOR_URL, entries, narrative, PATIENT_URL, resourceAt } from "../../test/pipeline/validate/a-document.ts";
import { smallResource, type Plain } from "./plain-instances.ts";

const SERVER = "http://example.org/fhir";

/** A document on a server: fullUrls by type and id. */
function onServer(): Plain {
  const document = aDocument();
  const ids = ["c1", "p1", "d1", "o1"];
  entries(document).forEach((entry, at) => {
    const resource = entry["resource"] as Plain;
    resource["id"] = ids[at];
    entry["fullUrl"] = `${SERVER}/${String(resource["resourceType"])}/${ids[at] ?? ""}`;
  });
  Object.assign(resourceAt(document, 0), { subject: { reference: "Patient/p1" }, author: [{ reference: "Practitioner/d1" }] });
  (resourceAt(document, 0)["section"] as Plain[])[0] = { title: "x", text: narrative("x"), entry: [{ reference: "Observation/o1" }] };
  resourceAt(document, 3)["subject"] = { reference: "Patient/p1" };
  return document;
}

const ADDRESSES = [
  "Patient/p1",
  "Patient/none",
  "Practitioner/d1",
  "Group/p1",
  "Observation/o1",
  "patient/p1",
  "Foo/p1",
  "Patient",
  "p1",
  "/Patient/p1",
  "Patient/p1/",
  "Patient/p1#x",
  "Patient/p1/_history/1",
  "Patient/p1/_history/",
  "Patient/p 1",
  "Patient/p_1",
  "Patient?identifier=x",
  "#p1",
  "#",
  "",
  `${SERVER}/Patient/p1`,
  `${SERVER}/Patient/none`,
  `${SERVER}/Practitioner/d1`,
  `${SERVER}/Group/p1`,
  `${SERVER}/Patient/p1/_history/1`,
  "http://other.example.org/fhir/Patient/p1",
  "http://other.example.org/fhir/Group/p1",
  "http://example.org/x",
  "HTTP://example.org/fhir/Patient/p1",
  PATIENT_URL,
  AUTHOR_URL,
  PATIENT_URL.toUpperCase(),
  "urn:uuid:x",
  "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6ee",
  "urn:oid:1.2.3",
  "ftp://example.org/Patient/p1",
  "mailto:a@example.org",
  "x:y",
];

type Place = readonly [name: string, set: (document: Plain, reference: Plain) => void];

const PLACES: readonly Place[] = [
  ["Composition.subject", (document, reference) => (resourceAt(document, 0)["subject"] = reference)],
  ["Composition.author", (document, reference) => (resourceAt(document, 0)["author"] = [reference])],
  ["Composition.custodian", (document, reference) => (resourceAt(document, 0)["custodian"] = reference)],
  ["Composition.attester", (document, reference) => (resourceAt(document, 0)["attester"] = [{ mode: "legal", party: reference }])],
  ["Composition.relatesTo", (document, reference) => (resourceAt(document, 0)["relatesTo"] = [{ code: "replaces", targetReference: reference }])],
  [
    "section.entry",
    (document, reference) =>
      ((resourceAt(document, 0)["section"] as Plain[])[0] = { title: "x", text: narrative("x"), entry: [reference, ...entriesOf(document)] }),
  ],
  [
    "section.focus",
    (document, reference) =>
      ((resourceAt(document, 0)["section"] as Plain[])[0] = { title: "x", text: narrative("x"), focus: reference, entry: entriesOf(document) }),
  ],
  ["Observation.subject", (document, reference) => (resourceAt(document, 3)["subject"] = reference)],
  ["Observation.performer", (document, reference) => (resourceAt(document, 3)["performer"] = [reference])],
  ["Observation.focus", (document, reference) => (resourceAt(document, 3)["focus"] = [reference])],
  ["Patient.managingOrganization", (document, reference) => (resourceAt(document, 1)["managingOrganization"] = reference)],
];

function entriesOf(document: Plain): Plain[] {
  return ((resourceAt(document, 0)["section"] as Plain[])[0]?.["entry"] as Plain[] | undefined) ?? [];
}

const FULL_URLS = [
  "",
  "x",
  "Patient/p1",
  "#p1",
  `${SERVER}/Patient/p1`,
  `${SERVER}/Patient/p2`,
  `${SERVER}/Practitioner/p1`,
  `${SERVER}/Patient/p1/_history/1`,
  `${SERVER}/patient/p1`,
  `${SERVER}/x/y`,
  "http://example.org",
  "urn:uuid:x",
  "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6ee",
  "urn:uuid:0C3151BD-1CBF-4D64-B04D-CD9187A4C6EE",
  "urn:oid:1.2.3",
  "urn:x:y",
  "ftp://example.org/Patient/p1",
  "x:y",
];

const TYPES = ["document", "message", "transaction", "transaction-response", "batch", "batch-response", "history", "searchset", "collection"];

/** Each with a name. */
export function referenceInputs(): (readonly [name: string, resource: Plain])[] {
  const bases: readonly (readonly [string, () => Plain])[] = [
    ["urn", aDocument],
    ["server", onServer],
  ];
  const references = bases.flatMap(([base, make]) =>
    PLACES.flatMap(([place, set]) =>
      [
        ...ADDRESSES.map((reference): Plain => ({ reference })),
        { display: "x" },
        { identifier: { value: "x" } },
        { type: "Patient", display: "x" },
        { type: "Device", display: "x" },
        { type: "Foo", display: "x" },
        {},
      ].map((reference) => {
        const document = make();
        set(document, reference);
        return [`${base} ${place} ${JSON.stringify(reference)}`, document] as const;
      }),
    ),
  );
  const fullUrls = bases.flatMap(([base, make]) =>
    FULL_URLS.map((fullUrl) => {
      const document = make();
      const entry = entries(document)[1] ?? {};
      if (fullUrl === "") delete entry["fullUrl"];
      else entry["fullUrl"] = fullUrl;
      const reference = { reference: fullUrl === "" ? "Patient/p1" : fullUrl };
      resourceAt(document, 0)["subject"] = reference;
      resourceAt(document, 3)["subject"] = reference;
      return [`${base} fullUrl ${fullUrl}`, document] as const;
    }),
  );
  const others = TYPES.flatMap((type) =>
    bases.flatMap(([base, make]) =>
      [undefined, "Patient/none", "Patient/p1", PATIENT_URL, "Patient?x=y", "urn:uuid:x"].map((reference) => {
        const bundle: Plain = { ...make(), type };
        if (reference !== undefined) resourceAt(bundle, 3)["subject"] = { reference };
        return [`${type} of ${base} to ${reference ?? "what it had"}`, bundle] as const;
      }),
    ),
  );
  const contained = ["#a", "#b", "#", "a", "Patient/a"].flatMap((reference) =>
    [{ id: "a" }, { id: "#a" }, {}, { id: "a", meta: { versionId: "1" } }, { id: "a", contained: [{ ...smallResource("Patient"), id: "b" }] }].map(
      (more) => {
        const inner: Plain = { resourceType: "Patient", active: true, ...more };
        return [
          `contained ${JSON.stringify(more)} by ${reference}`,
          { ...smallResource("Observation"), contained: [inner], subject: { reference } },
        ] as const;
      },
    ),
  );
  return [...references, ...fullUrls, ...others, ...contained];
}
