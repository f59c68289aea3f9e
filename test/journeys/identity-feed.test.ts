/** An identity feed and the real program: killed in the middle, made anew, backed up, erased from; on both engines. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { join } from "node:path";
import { initialise } from "../../src/adapters/mongo/init.ts";
import { describeOnMongo, newDatabase } from "../adapters/mongo/server.ts";
import { documentJson } from "./documents.ts";
import { idOf, removeFolder, runCommand, startProgram, submit, temporaryFolder, type Program } from "./program.ts";

const SYSTEM = "urn:oid:2.16.756.5.32.99";
const JSON_TYPE = "application/fhir+json";
/** Messages that are on their way when the program is killed. */
const UNDER_WAY = 12;

const patient = (value: string, more: object = {}): object => ({
  ...{ resourceType: "Patient", identifier: [{ system: SYSTEM, value }], name: [{ family: `Mohr-${value}` }] },
  ...more,
});
const replaced = (value: string, by: string): object =>
  patient(value, { active: false, link: [{ type: "replaced-by", other: { identifier: { system: SYSTEM, value: by } } }] });

interface Found {
  readonly entry?: readonly { readonly resource: { readonly resourceType: string; readonly id: string } }[];
}

/** @param over what the engine is chosen by */
function itHolds(environment: () => Readonly<Record<string, string>>): void {
  const folder = temporaryFolder();
  const env = (): Record<string, string> => ({ ...environment(), KEYS_DIR: join(folder, "keys"), PATIENT_SYSTEMS: SYSTEM, IDENTITY_FEED: "1" });
  let program: Program;
  let ids: string[];
  const start = async (): Promise<void> => void (program = await startProgram({ dataFolder: folder, env: env() }));
  const feed = async (value: string, body: object): Promise<number> => {
    const address = `${program.url}/fhir/Patient?identifier=${encodeURIComponent(`${SYSTEM}|${value}`)}`;
    return (await fetch(address, { method: "PUT", headers: { "content-type": JSON_TYPE }, body: JSON.stringify(body) })).status;
  };
  const find = async (query: string): Promise<string[]> => {
    const answer = await fetch(`${program.url}/fhir/${query}`);
    expect([query, answer.status]).toEqual([query, 200]);
    const { entry = [] } = (await answer.json()) as Found;
    // While the index is behind, an answer says so besides, in an entry of its own.
    const found = entry.map(({ resource }) => resource).filter(({ resourceType }) => resourceType !== "OperationOutcome");
    return found.map(({ id }) => id).sort();
  };
  const command = (...args: string[]): string => {
    const { code, stdout, stderr } = runCommand(args, undefined, { MONGODB_URL: "", ...env(), DATA_DIR: folder });
    expect([args[0], code, code === 0 ? "" : `${stdout}${stderr}`]).toEqual([args[0], 0, ""]);
    return stdout;
  };
  /** All that is found of two persons, whatever the index was made from. */
  const state = async (): Promise<readonly string[][]> =>
    Promise.all(
      ["1", "2", "3"].flatMap((value) => [
        find(`Patient?identifier=${SYSTEM}|${value}`),
        find(`Composition?subject:Patient.identifier=${SYSTEM}|${value}`),
        find(`Observation?patient.identifier=${SYSTEM}|${value}`),
      ]),
    );

  beforeAll(async () => {
    await start();
    ids = [];
    for (const value of ["1", "2"]) ids.push(idOf(await submit(program.url, documentJson().replace("J-4711", value), JSON_TYPE)));
  });
  afterAll(async () => {
    await program.end("SIGTERM");
    removeFolder(folder);
  });

  test("joins, takes apart again, and is the same when the index is made anew", async () => {
    expect([await feed("1", patient("1")), await feed("2", replaced("2", "1")), await feed("3", patient("3"))]).toEqual([201, 201, 201]);
    const both = ids.map((id) => `${id}.0`).sort();
    expect(await find(`Composition?subject:Patient.identifier=${SYSTEM}|1`)).toEqual(both);
    const joined = await state();
    command("rebuild");
    expect(await state()).toEqual(joined);
    expect(command("audit", "--index")).toContain("intact");
    expect(await feed("2", patient("2"))).toBe(200);
    expect(await find(`Composition?subject:Patient.identifier=${SYSTEM}|1`)).toEqual([`${ids[0]}.0`]);
    expect(command("stats", "--json")).toContain('"identity-feed":4');
  });

  test("killed in the middle, a message is entered whole or not at all, and the same message again makes it good", async () => {
    const sent = Array.from({ length: UNDER_WAY }, (_, at) => feed(`k${at}`, patient(`k${at}`)).catch(() => 0));
    await Promise.race(sent);
    await program.end("SIGKILL");
    const before = await Promise.all(sent);
    await start();
    for (let at = 0; at < UNDER_WAY; at++) {
      const again = await feed(`k${at}`, patient(`k${at}`));
      // What was acknowledged is there; of the others nobody knew.
      expect([before[at], again]).toEqual([before[at], before[at] === 201 ? 200 : expect.any(Number)]);
      expect([200, 201]).toContain(again);
      expect(await find(`Patient?identifier=${SYSTEM}|k${at}`)).toEqual([expect.stringMatching(/^p-/)]);
    }
    expect(JSON.parse(command("stats", "--json"))).toMatchObject({ kinds: { "identity-feed": 4 + UNDER_WAY } });
    expect(command("audit", "--index")).toContain("intact");
  });

  test("documents are erased as ever, and what the feed says of their patient stays", async () => {
    expect(await feed("2", replaced("2", "1"))).toBe(200);
    command("erase", ids[1] ?? "", "--reason", "misfiled", "--by", "A. Smith");
    expect((await fetch(`${program.url}/fhir/Bundle/${ids[1]}`)).status).toBe(410);
    expect(await find(`Composition?subject:Patient.identifier=${SYSTEM}|2`)).toEqual([`${ids[0]}.0`]);
    expect(command("audit", "--index")).toContain("intact");
  });
}

describe("on SQLite", () => itHolds(() => ({})));

describeOnMongo("on MongoDB", (server) => {
  let url = "";
  beforeAll(async () => {
    url = newDatabase(server);
    await initialise(url, undefined);
  });
  itHolds(() => ({ MONGODB_URL: url }));
});
