import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Writes the software bill of materials of what a package runs, as CycloneDX 1.5 (JSON): every package of the lock file that is not for development alone, with version, licence and SHA-512. npm itself
 * reads it off the lock file, without a network; its own `--omit dev` leaves out what the program and a tool of development both need, so that is taken out here. Run before packing and in the image's build; with another file as its argument by whoever wants it there.
 */
const root = fileURLToPath(new URL("..", import.meta.url));
const file = resolve(process.argv[2] ?? join(root, "sbom.cdx.json"));
const asked = ["sbom", "--sbom-format", "cyclonedx", "--sbom-type", "application", "--package-lock-only"];

const beside = [
  process.env["npm_execpath"],
  join(dirname(process.execPath), "../lib/node_modules/npm/bin/npm-cli.js"),
  join(dirname(process.execPath), "node_modules/npm/bin/npm-cli.js"),
].find((one) => one?.endsWith("npm-cli.js") === true && existsSync(one));
const made =
  beside === undefined
    ? spawnSync("npm", asked, { cwd: root, encoding: "utf8", maxBuffer: 64e6, shell: process.platform === "win32" })
    : spawnSync(process.execPath, [beside, ...asked], { cwd: root, encoding: "utf8", maxBuffer: 64e6 });
if (made.status !== 0) {
  process.stderr.write(`sbom: npm made none: ${made.error?.message ?? made.stderr}\n`);
  process.exit(1);
}
interface Locked {
  readonly name?: string;
  readonly version: string;
  readonly dev?: boolean;
}
interface Bill {
  metadata: { component: { name: string; "bom-ref": string } };
  components: { readonly "bom-ref": string; readonly name: string; readonly version: string }[];
  dependencies: { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}
const jsonOf = (name: string): unknown => JSON.parse(readFileSync(join(root, name), "utf8"));
const { packages } = jsonOf("package-lock.json") as { readonly packages: Readonly<Record<string, Locked>> };
const needed = new Set(
  Object.entries(packages)
    .filter(([place, { dev }]) => place !== "" && dev !== true)
    .map(([place, { name, version }]) => `${name ?? place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length)}@${version}`),
);

const bill = JSON.parse(made.stdout) as Bill;
const components = bill.components.filter(({ name, version }) => needed.has(`${name}@${version}`));
const known = new Set([bill.metadata.component["bom-ref"], ...components.map((one) => one["bom-ref"])]);
const dependencies = bill.dependencies
  .filter(({ ref }) => known.has(ref))
  .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((one) => known.has(one)) }));
// npm names it after the folder that it lies in.
const component = { ...bill.metadata.component, name: (jsonOf("package.json") as { readonly name: string }).name };
writeFileSync(file, `${JSON.stringify({ ...bill, metadata: { ...bill.metadata, component }, components, dependencies }, undefined, 2)}\n`);
