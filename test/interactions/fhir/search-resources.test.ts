/** How far a page of a search goes, whatever its matches hold. */
import { expect, test } from "@jest/globals";
import { askedByProgram } from "../../../src/core/asked.ts";
import { AppError } from "../../../src/core/errors.ts";
import { resourceInteractions } from "../../../src/interactions/fhir/search-resources.ts";
import { endOf, resourceNumber } from "../../../src/search/resource-number.ts";
import type { SearchPage } from "../../../src/search/search-page.ts";
import { R4, SEARCH_PARAMETERS } from "../../r4.ts";

const BASE = "https://documents.example.org/fhir";
const FORM = { form: "json", pretty: false } as const;

interface Bundle {
  readonly total: number;
  readonly link: readonly { readonly relation: string; readonly url: string }[];
  readonly entry?: readonly { readonly fullUrl?: string; readonly resource: object; readonly search: { readonly mode: string } }[];
}

const idOf = (document: number): string => `00000000-0000-4000-8000-${String(document).padStart(12, "0")}`;

/** A page with a match and an included resource of each of so many documents, the newest first. */
function pageOf(documents: number): SearchPage {
  const positions = Array.from({ length: documents }, (_, at) => documents - 1 - at);
  const found = (place: number, type: string): SearchPage["matches"] =>
    positions.map((position) => ({
      ...{ number: resourceNumber(position, place), type, path: String(place), documentId: idOf(position) },
      ...{ receivedAt: "2026-03-14T09:00:00.000Z", isSuperseded: false },
    }));
  return {
    matches: found(1, "Observation"),
    included: found(0, "Patient"),
    isCut: false,
    total: documents,
    size: documents,
    missing: 0,
    next: undefined,
  };
}

async function search(page: SearchPage, textOf: (documentId: string) => string): Promise<Bundle> {
  const { search: ask } = resourceInteractions({
    definitions: R4.definitions,
    parameters: SEARCH_PARAMETERS,
    terminology: R4.terminology,
    own: { read: () => undefined, find: () => [] },
    consents: { type: "Consent", find: () => Promise.resolve([]), references: () => [] },
    kept: [],
    fhirBase: BASE,
    reader: {
      person: () => Promise.reject(new Error("nobody is asked for here")),
      find: () => Promise.resolve(page),
      document: () => Promise.reject(new Error("nothing is proven here")),
      resources: () => Promise.reject(new Error("no document is read by itself here")),
      pageOf: (_asked, wanted) => {
        const own = (id: string): typeof wanted => wanted.filter(({ documentId }) => documentId === id);
        return Promise.resolve({
          of: (id) => new Promise((resolve) => resolve(own(id).map(() => textOf(id)))),
          several: () => Promise.reject(new Error("a page opens its documents one by one")),
        });
      },
    },
  });
  const found = await ask(askedByProgram("test"), { type: "Observation", parameters: [["status", "final"]], handling: "strict" }, FORM);
  return JSON.parse(Buffer.from(await found.write()).toString()) as Bundle;
}

const small = (): string => '{"resourceType":"Observation"}';

test("a page holds all of its matches, and what is included", async () => {
  const { entry, link, total } = await search(pageOf(9), small);
  expect([total, entry?.length, link.some(({ relation }) => relation === "next")]).toEqual([9, 18, false]);
});

test("a page that has grown large ends with a document, and the next one begins behind it", async () => {
  const large = `{"resourceType":"Observation","note":[{"text":"${"x".repeat(2_500_000)}"}]}`;
  const { entry = [], link, total } = await search(pageOf(9), () => large);
  const matches = entry.filter(({ search: { mode } }) => mode === "match").map(({ fullUrl }) => fullUrl);
  expect(matches).toEqual([8, 7].map((position) => `${BASE}/Observation/${idOf(position)}.1`));
  expect(entry).toHaveLength(4);
  expect(total).toBe(9);
  const next = link.find(({ relation }) => relation === "next")?.url;
  expect(next).toBe(`${BASE}/Observation?status=final&-page=9.${resourceNumber(7, 1).toString(36)}.${endOf(9).toString(36)}`);
});

test("a document that cannot be opened keeps no other from being found, and the page says so", async () => {
  const { entry = [] } = await search(pageOf(3), (id) => {
    if (id === idOf(1)) throw new AppError("damaged", "altered");
    if (id === idOf(0)) throw new AppError("gone", "erased");
    return small();
  });
  expect(entry.map(({ search: { mode } }) => mode)).toEqual(["match", "include", "outcome"]);
  expect(JSON.stringify(entry.at(-1)?.resource)).toContain("2 resources are not shown");
});
