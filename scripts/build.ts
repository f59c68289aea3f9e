import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import path from "node:path";
import ts from "typescript";
import { bundleVerifier } from "../src/main/bundle-verifier.ts";

/**
 * Makes `dist/`, what a packed package runs: JavaScript by tsc, beside it the data files that the source reads (anything in `src` that is not
 * TypeScript), the types of what other programs import, and the verifier for browsers as one script. Run by `npm run build` and, before packing, by npm itself; with another folder as its argument by what needs a build of its own.
 * `--unchecked`: whoever asks has had the types checked, which takes twice as long as all else.
 */
const root = fileURLToPath(new URL("..", import.meta.url));
const isUnchecked = process.argv.includes("--unchecked");
const [folder] = process.argv.slice(2).filter((given) => !given.startsWith("--"));
const dist = path.resolve(folder ?? path.join(root, "dist"));
await rm(dist, { recursive: true, force: true });

const compiler = fileURLToPath(import.meta.resolve("typescript/bin/tsc"));
const project = ["-p", path.join(root, "tsconfig.build.json"), "--outDir", dist, ...(isUnchecked ? ["--noCheck"] : [])];
const compiled = spawnSync(process.execPath, [compiler, ...project], { stdio: "inherit", cwd: root });
if (compiled.status !== 0) process.exit(compiled.status ?? 1);

await cp(path.join(root, "src"), dist, { recursive: true, filter: (source) => !source.endsWith(".ts") });

await mkdir(path.join(dist, "browser"), { recursive: true });
await writeFile(path.join(dist, "browser", "verifier.js"), await bundleVerifier());

for (const [file, types] of await entryPoints()) await writeFile(path.join(dist, file), types);

/**
 * The types of each entry point (`exports` of package.json), by its file below `dist`. They stand in one file, and are made of that file alone: what the program is made of otherwise is nobody's to build on.
 */
async function entryPoints(): Promise<(readonly [string, string])[]> {
  const { exports } = JSON.parse(await readFile(path.join(root, "package.json"), "utf8")) as {
    readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
  };
  const typed = Object.values(exports).flatMap((entry) => (typeof entry === "string" ? [] : [path.relative("dist", entry.types)]));
  return Promise.all(
    typed.map(async (file) => {
      const source = path.join(root, "src", file.replace(/\.d\.ts$/, ".ts"));
      const made = ts.transpileDeclaration(await readFile(source, "utf8"), { fileName: source, compilerOptions: { isolatedDeclarations: true } });
      const faults = [...(made.diagnostics ?? []).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"))];
      if (/from "\.|import\("\./.test(made.outputText)) faults.push("its types stand in another file");
      if (faults.length > 0) throw new Error(`${file}: ${faults.join("; ")}`);
      return [file, made.outputText] as const;
    }),
  );
}
