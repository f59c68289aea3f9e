import { expect, test } from "@jest/globals";
import { openDocument } from "../../../src/core/fhir/document-bundle.ts";
import { entryName } from "../../../src/core/fhir/party.ts";
import { treeOf, type JsonObject } from "../../../src/core/fhir/tree/tree.ts";

/** The names of entries behind the Composition, whose fullUrls are urn:uuid:1 and following. */
function names(...resources: object[]): (string | undefined)[] {
  const entry = [{ resourceType: "Composition" }, ...resources].map((resource, at) => ({ fullUrl: `urn:uuid:${at}`, resource }));
  const document = openDocument(treeOf({ resourceType: "Bundle", type: "document", entry }) as JsonObject);
  return document.entries.slice(1).map((one) => entryName(document, one));
}

const PERSON = { resourceType: "Practitioner", name: [{ given: ["Ngozi"], family: "Okafor" }] };

test("a role is called by who holds it, and where", () => {
  const role = {
    resourceType: "PractitionerRole",
    practitioner: { reference: "urn:uuid:2" },
    organization: { reference: "urn:uuid:3", display: "not this" },
  };
  const [name] = names(role, PERSON, { resourceType: "Organization", name: "Lakeside Hospital" });
  expect(name).toBe("Ngozi Okafor, Lakeside Hospital");
});

test("roles that lead to themselves or to each other have no name but what is displayed", () => {
  const role = (to: number, display?: string): object => ({
    resourceType: "PractitionerRole",
    practitioner: { reference: `urn:uuid:${to}`, ...(display !== undefined && { display }) },
  });
  expect(names(role(1), role(3, "Dr A"), role(2))).toEqual([undefined, "Dr A", undefined]);
});
