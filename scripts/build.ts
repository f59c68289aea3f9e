import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import path from "node:path";
import { bundleVerifier } from "../src/main/bundle-verifier.ts";

/**
 * Makes `dist/`, what a packed package runs: JavaScript by tsc, beside it the data files that the source reads (anything in `src` that is not
 * TypeScript), and the verifier for browsers as one script. Run by `npm run build` and, before packing, by npm itself; with another folder as its argument by what needs a build of its own.
 */
const root = fileURLToPath(new URL("..", import.meta.url));
const dist = path.resolve(process.argv[2] ?? path.join(root, "dist"));
await rm(dist, { recursive: true, force: true });

const compiler = fileURLToPath(import.meta.resolve("typescript/bin/tsc"));
const compiled = spawnSync(process.execPath, [compiler, "-p", path.join(root, "tsconfig.build.json"), "--outDir", dist], {
  stdio: "inherit",
  cwd: root,
});
if (compiled.status !== 0) process.exit(compiled.status ?? 1);

await cp(path.join(root, "src"), dist, { recursive: true, filter: (source) => !source.endsWith(".ts") });

await mkdir(path.join(dist, "browser"), { recursive: true });
await writeFile(path.join(dist, "browser", "verifier.js"), await bundleVerifier());
