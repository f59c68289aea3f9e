import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { heldAgainstText } from "../../src/cli/held-against.ts";
import { openPackagesIn } from "../../src/main/held-packages.ts";
import { madePackage } from "../core/fhir/packages/made-archive.ts";
import { run, type Ran } from "./command-line.ts";

const URL = "http://example.org/StructureDefinition/named";
const PROFILE = {
  ...{ resourceType: "StructureDefinition", url: URL, version: "1.0.0", name: "Named", title: "Named people", type: "Patient", kind: "resource" },
  ...{ derivation: "constraint", baseDefinition: "http://hl7.org/fhir/StructureDefinition/Patient" },
  differential: { element: [{ id: "Patient.name", path: "Patient.name", min: 1 }] },
};
const place = mkdtempSync(join(tmpdir(), "chartulary-held-"));
const file = join(place, "patient.json");

beforeAll(async () => writeFileSync(join(place, "example.tgz"), await madePackage("example", "1.0.0", [PROFILE])));
afterAll(() => rmSync(place, { recursive: true, force: true }));

function validated(resource: object, ...args: readonly string[]): Promise<Ran> {
  writeFileSync(file, JSON.stringify({ resourceType: "Patient", ...resource }));
  const openProfileSets = (folder: string | undefined): ReturnType<typeof openPackagesIn> =>
    folder === undefined ? Promise.resolve(undefined) : openPackagesIn(folder);
  return run(["validate", ...args, file], { tools: { openProfileSets } });
}

const heldIn = ({ stdout }: Ran): string[] => stdout.split("\n").filter((line) => line.startsWith(`${file}: held against: `));

test("validate says what a file was held against, where there are packages", async () => {
  const packages = ["--packages", place];
  const meta = { profile: [URL] };
  expect(heldIn(await validated({ meta, name: [{ family: "A" }] }, ...packages))).toEqual([`${file}: held against: Named people 1.0.0: holds`]);
  expect(heldIn(await validated({ meta }, ...packages))).toEqual([`${file}: held against: Named people 1.0.0: broken`]);
  expect(heldIn(await validated({ meta: { profile: [`${URL}/other`] } }, ...packages))).toEqual([
    `${file}: held against: R4 alone: no profile that is held was asked for`,
  ]);
  expect(heldIn(await validated({ meta }, "--quiet", ...packages))).toEqual([]);
  expect(heldIn(await validated({ meta }))).toEqual([]);
});

test("validate --json says it as deposit records do", async () => {
  const { stdout } = await validated({ meta: { profile: [URL] } }, "--json", "--packages", place);
  expect(JSON.parse(stdout)).toMatchObject({
    valid: false,
    profiles: {
      set: { name: "example#1.0.0", digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) },
      verdicts: [{ profile: URL, version: "1.0.0", title: "Named people", by: "declared", result: "broken", count: 1 }],
    },
  });
  expect(Object.keys(JSON.parse((await validated({ meta: { profile: [URL] } }, "--json")).stdout) as object)).toEqual(["file", "valid", "outcome"]);
});

test("several resources of one profile and result are one line, a version that was asked for is told, and nothing moves the cursor", () => {
  const verdict = { profile: `${URL}|1.0`, by: "declared", result: "open", count: 2, place: "Bundle" };
  const set = { name: "s", digest: "sha256:0" };
  const text = heldAgainstText("a", { set, verdicts: [verdict, { ...verdict, by: "imposed" }, { ...verdict, title: "T\u001b[2J", result: "holds", count: 1 }], more: 3 }); // prettier-ignore
  expect(text).toBe(`a: held against: ${URL} 1.0: open (4 resources)\na: held against: T [2J 1.0: holds\na: held against: and 3 more\n`);
  expect(heldAgainstText("a", undefined)).toBe("a: held against: R4 alone: no set of packages was in force on its day\n");
});
