/** What the service says of itself is searched as all else is. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { openHouse, type House } from "../house.ts";
import { ask } from "../local-server.ts";

interface Definition {
  readonly resourceType: string;
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly [name: string]: unknown;
}
interface Bundle {
  readonly total?: number;
  readonly link: readonly { readonly relation: string; readonly url: string }[];
  readonly entry?: readonly { readonly fullUrl: string; readonly resource: Definition; readonly search: { readonly mode: string } }[];
}

const BASE = "https://documents.example.org/fhir";
let house: House;

const search = async (path: string): Promise<Bundle> => {
  const { status, body } = await ask(house.port, { path: `/fhir/${path}` });
  expect([path, status, status === 200 ? "" : String(body)]).toEqual([path, 200, ""]);
  return JSON.parse(String(body)) as Bundle;
};
const codesOf = ({ entry = [] }: Bundle): string[] => entry.map(({ resource }) => resource.code).sort();

beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

test("a search parameter is found by what it is upon, its code, name, address and type, and as it is read", async () => {
  for (const query of [
    "base=Patient&code=birthdate",
    "url=http://hl7.org/fhir/SearchParameter/individual-birthdate&base=Patient",
    "name=birthdate&type=date&base=Patient",
  ]) {
    const found = await search(`SearchParameter?${query}`);
    expect([query, found.total, codesOf(found)]).toEqual([query, 1, ["birthdate"]]);
    const [one] = found.entry ?? [];
    const read = await ask(house.port, { path: one?.fullUrl.replace("https://documents.example.org", "") ?? "" });
    expect([read.status, JSON.parse(String(read.body))]).toEqual([200, one?.resource]);
  }
  expect((await search("SearchParameter?base=Patient&code=colour")).total).toBe(0);
  expect(codesOf(await search("SearchParameter?base=Composition&target=Patient"))).toContain("author");
  expect((await search("SearchParameter?code:missing=true")).total).toBe(0);
  expect((await search("SearchParameter?base=Patient&type=token&_summary=count")).total).toBeGreaterThan(5);
  expect((await search("SearchParameter?base=Patient&code=birthdate&_elements=code")).entry?.[0]?.resource["publisher"]).toBeUndefined();
});

test("what can be searched by is what the statement says, page by page", async () => {
  const statement = JSON.parse(String((await ask(house.port, { path: "/fhir/metadata" })).body)) as {
    readonly rest: readonly {
      readonly resource: readonly { readonly type: string; readonly searchParam?: readonly { readonly name: string }[] }[];
    }[];
  };
  const stated = statement.rest[0]?.resource.find(({ type }) => type === "Patient")?.searchParam?.map(({ name }) => name) ?? [];
  const found: string[] = [];
  const first = await search("SearchParameter?base=Patient&_count=7&_sort=code");
  let page: Bundle | undefined = first;
  for (let previous: Bundle | undefined; page;) {
    expect(page.entry?.length).toBeLessThanOrEqual(7);
    expect(page.total).toBe(first.total);
    found.push(...(page.entry ?? []).map(({ resource }) => resource.code));
    const link = (relation: string): string | undefined => page?.link.find((one) => one.relation === relation)?.url.slice(BASE.length + 1);
    const [back, next]: (string | undefined)[] = [link("previous"), link("next")];
    expect([back === undefined, page === first]).toEqual([page === first, back === undefined]);
    if (back !== undefined) expect((await search(back)).entry).toEqual(previous?.entry);
    previous = page;
    page = next === undefined ? undefined : await search(next);
  }
  expect(found).toEqual([...found].sort());
  expect(new Set(found).size).toBe(first.total);
  expect([...found].sort()).toEqual(expect.arrayContaining([...stated]));
});

test("what is written into resources at addresses of ours is served there, and found", async () => {
  for (const [address, name] of [
    ["StructureDefinition/log-size", "LogSize"],
    ["StructureDefinition/more-than", "MoreThan"],
    ["CodeSystem/extracted-data", "ExtractedData"],
  ] as const) {
    const { status, body } = await ask(house.port, { path: `/fhir/${address}` });
    expect([address, status]).toEqual([address, 200]);
    expect(JSON.parse(String(body))).toMatchObject({ url: `${BASE}/${address}`, name });
    const [type = "", id] = address.split("/");
    expect((await search(`${type}?url=${BASE}/${address}`)).entry?.map(({ resource }) => resource.id)).toEqual([id]);
    const validated = await ask(house.port, {
      method: "POST",
      path: `/fhir/${type}/$validate`,
      headers: { "Content-Type": "application/fhir+json" },
      body,
    });
    expect([address, String(validated.body).match(/"severity":"error".{0,300}/)?.[0]]).toEqual([address, undefined]);
  }
});

test("an operation is found by its name and code, and in a lenient client's way", async () => {
  expect(codesOf(await search("OperationDefinition?name=everything"))).toEqual(["everything"]);
  expect(codesOf(await search("OperationDefinition?code=validate,lastn&status=active"))).toEqual(["lastn", "validate"]);
  expect(codesOf(await search("OperationDefinition?instance=true&type=false"))).toEqual([
    "document",
    "events",
    "everything",
    "graphql",
    "resend",
    "verify",
  ]);
  expect((await search("OperationDefinition?name:contains=thing")).total).toBe(1);
  expect((await search("OperationDefinition?kind=query")).total).toBe(0);
  const form = {
    method: "POST",
    path: "/fhir/OperationDefinition/_search",
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
    body: "name=lastn",
  };
  expect(codesOf(JSON.parse(String((await ask(house.port, form)).body)) as Bundle)).toEqual(["lastn"]);
  expect(String((await ask(house.port, { path: "/fhir/OperationDefinition?name=lastn&_format=xml" })).body)).toContain('<code value="lastn"/>');
  expect((await ask(house.port, { path: "/fhir/OperationDefinition?colour=red" })).status).toBe(400);
  expect(String((await ask(house.port, { path: "/fhir/$versions" })).body)).toContain("4.0");
});
