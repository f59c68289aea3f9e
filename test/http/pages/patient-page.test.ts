/** A patient's page over HTTP: whose documents it lists, in which order, and what it says of each; by ids that are the derived Patient's or a copy's. */
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { documentJson } from "../../journeys/documents.ts";
import { openHouse, type House, type HouseOptions } from "../house.ts";
import { ask, type RawAnswer } from "../local-server.ts";

const SYSTEM = "urn:oid:2.16.756.5.32.99";
const FIRST = "urn:uuid:7f1f5c7e-8a55-4ad8-9c0b-0f6f5c1b7a01";
let house: House;

const open = async (options: HouseOptions = {}): Promise<void> => void (house = await openHouse({ systems: new Set([SYSTEM]), ...options }));
const deposit = async (body: string): Promise<string> => {
  const answer = await ask(house.port, { method: "POST", path: "/fhir/Bundle", headers: { "Content-Type": "application/fhir+json" }, body });
  expect([answer.status, String(answer.body).slice(0, 200)]).toEqual([201, expect.anything()]);
  return answer.headers.location?.split("/").at(-3) ?? "";
};
const get = (path: string): Promise<RawAnswer> => ask(house.port, { path, headers: { Accept: "text/html" } });
const pageOf = async (path: string): Promise<string> => {
  const answer = await get(path);
  expect([path, answer.status]).toEqual([path, 200]);
  return String(answer.body).replace(/^.*<\/title>/, "");
};
/** Where a document's link to its patient leads. */
const patientOf = async (id: string): Promise<string> => {
  const answer = await get(`/documents/${id}/patient`);
  expect([answer.status, answer.headers["cache-control"]]).toEqual([303, "no-store"]);
  return answer.headers.location ?? "";
};
const written = (date: string, options: Parameters<typeof documentJson>[0] = {}): string =>
  documentJson(options).replace('"date": "2026-03-14T09:00:00+01:00"', `"date": "${date}"`);

afterEach(() => house.close());

describe("of a person who is known by an identifier", () => {
  beforeEach(() => open());

  test("lists the documents by the time at which they were written, with what superseded what", async () => {
    const early = await deposit(written("2026-01-02", { identifier: FIRST }));
    const late = await deposit(written("2026-03-01"));
    // Received last, written in between, and it replaces the first.
    const between = await deposit(written("2026-02-01T08:00:00Z", { replaces: FIRST }));
    const stranger = await deposit(documentJson().replace("J-4711", "J-4712"));
    const address = await patientOf(early);
    expect(address).toMatch(/^\/patients\/p-[0-9a-f]{40}$/);
    expect(await pageOf(address)).toBe(`${late}; ${between} replaces ${early}; ${early} superseded superseded-by ${between} next none`);
    for (const id of [late, between]) expect(await patientOf(id)).toBe(address);
    expect(await patientOf(stranger)).not.toBe(address);
  });

  test("a copy of theirs in a document leads there, also in one that is superseded", async () => {
    const early = await deposit(written("2026-01-02", { identifier: FIRST }));
    const late = await deposit(written("2026-02-01", { replaces: FIRST }));
    const address = await patientOf(late);
    for (const id of [early, late]) {
      const answer = await get(`/patients/${id}.1`);
      expect([answer.status, answer.headers.location]).toEqual([303, address]);
    }
  });

  test("somebody else in a document is another patient, whom it is not about", async () => {
    const mother = `{ "fullUrl": "urn:uuid:1b9d1c1e-5d5f-4f5e-8b0e-3c0a5d7f1e99", "resource": { "resourceType": "Patient",
      "text": { "status": "generated", "div": "<div xmlns=\\"http://www.w3.org/1999/xhtml\\">Mother</div>" },
      "identifier": [{ "system": "${SYSTEM}", "value": "M-1" }], "name": [{ "family": "Mother" }] } }`;
    const body = documentJson()
      .replace('"entry": [{ "reference"', '"entry": [{ "reference": "urn:uuid:1b9d1c1e-5d5f-4f5e-8b0e-3c0a5d7f1e99" }, { "reference"')
      .replace(/\n {2}\]\n\}$/, `,\n${mother}\n  ]\n}`);
    const id = await deposit(body);
    const address = (await get(`/patients/${id}.5`)).headers.location ?? "";
    expect(address).toMatch(/^\/patients\/p-/);
    expect(address).not.toBe(await patientOf(id));
    expect(await pageOf(address)).toBe(" next none");
  });

  test("is kept by nobody, and gone with the last document", async () => {
    const id = await deposit(documentJson());
    const address = await patientOf(id);
    expect((await get(address)).headers["cache-control"]).toBe("no-store");
    await house.erase(id);
    expect((await get(address)).status).toBe(404);
    expect((await get(`/patients/${id}.1`)).status).toBe(410);
    expect((await get(`/documents/${id}/patient`)).status).toBe(410);
  });

  test("goes on with the older ones, each once, and takes no page that there is not", async () => {
    const ids: string[] = [];
    for (let day = 1; day <= 27; day += 1) ids.unshift(await deposit(written(`2026-01-${String(day).padStart(2, "0")}`)));
    const address = await patientOf(ids[0] ?? "");
    const first = await pageOf(address);
    const [, next = ""] = / next (\S+)$/.exec(first) ?? [];
    expect(first).toBe(`${ids.slice(0, 25).join("; ")} next ${next}`);
    // What comes meanwhile is no part of it.
    await deposit(written("2026-01-01"));
    expect(await pageOf(`${address}?page=${next}`)).toBe(`${ids.slice(25).join("; ")} next none`);
    expect((await get(`${address}?page=no`)).status).toBe(400);
  });
});

test("the patient of a document stands alone where no system is unique to a person", async () => {
  await open({ systems: new Set() });
  const [one, other] = [await deposit(documentJson()), await deposit(documentJson())];
  expect(await patientOf(one)).toBe(`/patients/${one}.1`);
  expect(await pageOf(`/patients/${one}.1`)).toBe(`${one} next none`);
  expect(await pageOf(`/patients/${other}.1`)).toBe(`${other} next none`);
});

test("of what may not be known there is no page and no line", async () => {
  const hidden = new Set<string>();
  await open({ decide: (_asked, _action, { id }) => (hidden.has(id) ? { isPermitted: false, reason: "hidden" } : { isPermitted: true }) });
  const early = await deposit(written("2026-01-02", { identifier: FIRST }));
  const late = await deposit(written("2026-02-01", { replaces: FIRST }));
  const address = await patientOf(late);
  hidden.add(early);
  expect(await pageOf(address)).not.toContain(early);
  expect((await get(`/patients/${early}.1`)).status).toBe(404);
  hidden.add(late);
  expect((await get(address)).status).toBe(404);
  expect((await get(`/documents/${late}/patient`)).status).toBe(404);
});

test("nothing else is a patient, and nothing is changed there", async () => {
  await open();
  const id = await deposit(documentJson());
  for (const path of [
    `/patients/${id}`,
    `/patients/${id}.0`,
    `/patients/${id}.99`,
    `/patients/p-${"0".repeat(40)}`,
    "/patients/x",
    "/patients/",
    "/patients",
  ])
    expect([path, (await get(path)).status]).toEqual([path, 404]);
  expect((await ask(house.port, { method: "DELETE", path: `/patients/${id}.1` })).status).toBe(405);
});
