/** The bill of materials that a package brings: it has what the program runs on, and nothing that only development needs. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROJECT_ROOT } from "../journeys/support/service.ts";

interface Bill {
  readonly bomFormat: string;
  readonly specVersion: string;
  readonly metadata: { readonly component: { readonly name: string; readonly version: string } };
  readonly components: readonly {
    readonly name: string;
    readonly version: string;
    readonly hashes?: readonly unknown[];
    readonly licenses?: readonly unknown[];
  }[];
}
interface Package {
  readonly name: string;
  readonly version: string;
  readonly files: readonly string[];
  readonly scripts: Readonly<Record<string, string>>;
}
interface Locked {
  readonly name?: string;
  readonly version: string;
  readonly dev?: boolean;
  readonly inBundle?: boolean;
}
const read = (file: string): unknown => JSON.parse(readFileSync(file, "utf8"));
const folder = mkdtempSync(join(tmpdir(), "chartulary-sbom-"));
let bill: Bill;

beforeAll(() => {
  const file = join(folder, "sbom.cdx.json");
  const { status, stderr } = spawnSync(process.execPath, [join(PROJECT_ROOT, "scripts", "sbom.ts"), file], { encoding: "utf8" });
  expect([status, stderr]).toEqual([0, expect.not.stringContaining("sbom:")]);
  bill = read(file) as Bill;
});
afterAll(() => rmSync(folder, { recursive: true }));

test("it is CycloneDX, of this package and this version", () => {
  const { name, version } = read(join(PROJECT_ROOT, "package.json")) as Package;
  expect([bill.bomFormat, bill.specVersion, bill.metadata.component]).toMatchObject(["CycloneDX", "1.5", { name, version }]);
});

test("it has every package that the program runs on, each with its hash and its licence, and none that only development needs", () => {
  const { packages } = read(join(PROJECT_ROOT, "package-lock.json")) as { readonly packages: Readonly<Record<string, Locked>> };
  const all = Object.entries(packages).filter(([path]) => path !== "");
  const named = ([path, { name, version }]: readonly [string, Locked]): string =>
    `${name ?? path.slice(path.lastIndexOf("node_modules/") + 13)}@${version}`;
  const runs = new Set(all.filter(([, { dev }]) => dev !== true).map(named));
  const told = new Set(bill.components.map(({ name, version }) => `${name}@${version}`));
  expect(runs.size).toBeGreaterThan(50);
  expect([...runs].filter((one) => !told.has(one))).toEqual([]);
  expect([...told].filter((one) => !runs.has(one))).toEqual([]);
  const bare = bill.components.filter(({ hashes = [], licenses = [] }) => hashes.length === 0 || licenses.length === 0).map(({ name }) => name);
  expect(bare).toEqual([]);
});

test("the package brings it, made anew whenever it is packed", () => {
  const { files, scripts } = read(join(PROJECT_ROOT, "package.json")) as Package;
  expect(files).toContain("sbom.cdx.json");
  expect(scripts["prepack"]).toContain("scripts/sbom.ts");
  expect(readFileSync(join(PROJECT_ROOT, "Dockerfile"), "utf8")).toMatch(/RUN node scripts\/sbom\.ts[^]*COPY --from=build \/build\/sbom\.cdx\.json/);
});
