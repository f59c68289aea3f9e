/** A document is found by what its header types say as soon as its deposit is answered; by the rest a moment later, and the lag is told. */
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { documentJson } from "../../journeys/documents.ts";
import { openHouse, type House } from "../house.ts";
import { ask } from "../local-server.ts";

interface Bundle {
  readonly total?: number;
  readonly meta?: { readonly extension: readonly { readonly valueUnsignedInt: number }[] };
  readonly entry?: readonly { readonly resource: { readonly resourceType: string; readonly issue?: readonly { readonly code: string }[] } }[];
}

let house: House;
let letGo: () => void;

beforeEach(async () => {
  // What follows is held back: nobody ever comes to the rest of a document.
  const held = new Promise<void>((resolve) => (letGo = resolve));
  house = await openHouse({
    systems: new Set(["urn:oid:2.16.756.5.32.99"]),
    beforeRest: held,
  });
});
afterEach(async () => {
  letGo();
  await house.close();
});

const deposit = (): Promise<unknown> =>
  ask(house.port, { method: "POST", path: "/fhir/Bundle", headers: { "Content-Type": "application/fhir+json" }, body: documentJson() });
const search = async (query: string): Promise<Bundle> => JSON.parse(String((await ask(house.port, { path: `/fhir/${query}` })).body)) as Bundle;
const lag = async (): Promise<unknown> => JSON.parse(String((await ask(house.port, { path: "/readyz" })).body));

test("a document is found by its header types while the rest is held back, and by the rest afterwards", async () => {
  await deposit();
  for (const query of [
    "Bundle?composition.patient.family=Brandt",
    "Composition?author:Practitioner.family=Okafor&title=discharge",
    "DocumentReference?custodian.name=Lakeside",
    "Composition?type=18842-5&date=2026-03-14",
    "Patient?identifier=J-4711&birthdate=1951-05-02&_tag:missing=true",
    "Practitioner?name=Ngozi",
    "Organization?name=Lakeside",
    "DocumentReference?patient.family=Brandt&type=18842-5&status=current",
    "List?code=submissionset",
    "Provenance?recorded=gt2020",
  ]) {
    const found = await search(query);
    expect([query, found.meta === undefined ? found : undefined]).toEqual([query, undefined]);
    expect([query, (found.total ?? 0) > 0, found.meta?.extension[0]?.valueUnsignedInt]).toEqual([query, true, 1]);
    expect([query, found.entry?.some(({ resource }) => resource.resourceType === "OperationOutcome")]).toEqual([query, false]);
  }
  expect(await lag()).toEqual({ status: "ready", searchLag: 1 });
  const behind = await search("Observation?code=2823-3");
  expect(behind.total).toBe(0);
  expect(behind.entry?.[0]?.resource.issue?.[0]?.code).toBe("incomplete");
  expect((await search("Composition?_content=recovering")).entry?.[0]?.resource.issue?.[0]?.code).toBe("incomplete");
  letGo();
  expect((await search("Observation?code=2823-3")).total).toBe(1);
  expect((await search("Composition?_content=recovering")).total).toBe(1);
  expect(await lag()).toEqual({ status: "ready", searchLag: 0 });
});
