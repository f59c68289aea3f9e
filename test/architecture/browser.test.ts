import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { PROJECT_ROOT } from "../journeys/support/service.ts";
import { breachesOfBrowsers, bundled, replacedInBrowsers, type TextFile } from "./browser.ts";
import { parse, readSourceFiles } from "./source-files.ts";

const files = readSourceFiles().map((file): TextFile => ({ ...file, text: readFileSync(`${PROJECT_ROOT}src/${file.name}`, "utf8") }));
const replaced = replacedInBrowsers();
/** Node's side of the one seam: nothing else of core/crypto is left out of a page. */
const NODE_ALONE = ["here", "node", "node-certificate", "node-ecdsa"].map((name) => `core/crypto/platform/${name}.ts`);
/** Of documents and of PDFs. */
const VERIFIER = "pipeline/verify/verify-pdf.ts";
/** The page around it. */
const PAGE = "browser/verifier-worker.ts";
const cryptography = files.map(({ name }) => name).filter((name) => name.startsWith("core/crypto/") && !NODE_ALONE.includes(name));

function made(name: string, text: string): TextFile {
  return { ...parse(name, text), text };
}

describe("what verifies runs in a browser", () => {
  const given = bundled([VERIFIER, PAGE, ...cryptography], files, replaced);

  test("and takes nothing that a browser does not have", () => {
    expect(given.flatMap(breachesOfBrowsers)).toEqual([]);
  });

  test("which is the whole verifier, with the browser's side of the seam in the place of Node's", () => {
    const names = given.map(({ name }) => name);
    for (const name of [
      VERIFIER,
      "pipeline/verify/verify-file.ts",
      "pipeline/render/pages/verification-outcome.ts",
      "core/cms/check-time-stamp.ts",
      "core/pdf/pdf-file.ts",
      "core/signatures/xml-dsig.ts",
      "core/fhir/xml/read-xml.ts",
      "core/crypto/platform/web-certificate.ts",
    ])
      expect(names).toContain(name);
    for (const name of NODE_ALONE) expect(names).not.toContain(name);
  });

  test("the same of the built package", () => {
    const { browser } = JSON.parse(readFileSync(`${PROJECT_ROOT}package.json`, "utf8")) as { readonly browser: Readonly<Record<string, string>> };
    const built = (name: string): string => `./dist/${name.replace(/\.ts$/, ".js")}`;
    for (const [file, other] of replaced) expect(browser[built(file)]).toBe(built(other));
    expect(replaced.size).toBe(1);
  });

  test("Node's side is not given by chance: without the seam it would be there", () => {
    const breaches = bundled([VERIFIER], files, new Map()).flatMap(breachesOfBrowsers);
    expect(breaches.some((breach) => breach.includes("node:crypto"))).toBe(true);
  });

  test.each([
    'import { createHash } from "node:crypto";',
    'import type { X509Certificate } from "node:crypto";',
    'const { readFile } = await import("node:fs/promises");',
    'import { readFileSync } from "fs";',
    'import express from "express";',
    'export const bytes = Buffer.from("a");',
    "export const home = process.env.HOME;",
    'export const fs = require("fs");',
    "export const soon = globalThis.Buffer;",
    "export let timer: NodeJS.Timeout;",
  ])("a breach is seen: %s", (text) => {
    expect(breachesOfBrowsers(made("core/crypto/a.ts", text))).toHaveLength(1);
  });

  test.each([
    'import { sha256 } from "@noble/hashes/sha2.js";',
    "export const left = settings.process;",
    "// Buffer, process\nexport const a = { module: 1 };",
  ])("and no breach in %j", (text) => {
    expect(breachesOfBrowsers(made("core/crypto/a.ts", text))).toEqual([]);
  });

  test("a breach is seen behind an import of an import", () => {
    const three = [made("a.ts", 'import "./b.ts";'), made("b.ts", 'export { c } from "./c.ts"; import type { d } from "./d.ts";'), made("c.ts", "Buffer.alloc(1);"), made("d.ts", "process.exit();")]; // prettier-ignore
    expect(bundled(["a.ts"], three, new Map()).flatMap(breachesOfBrowsers)).toEqual(["c.ts:1 Buffer"]);
    expect(bundled(["a.ts"], three, new Map([["b.ts", "a.ts"]])).flatMap(breachesOfBrowsers)).toEqual([]);
  });
});

describe("core/crypto", () => {
  const breaches = (some: readonly TextFile[]): string[] =>
    some.filter(({ name }) => name.startsWith("core/crypto/")).flatMap((file) => file.imports.filter(({ isPackage, target }) => !isPackage && !/^core\/(crypto\/|errors\.ts$)/.test(target)).map(({ target }) => `${file.name} imports ${target}`)); // prettier-ignore

  test("knows nothing of FHIR, signatures of documents or formats", () => {
    expect(cryptography.length).toBeGreaterThan(10);
    expect(breaches(files)).toEqual([]);
  });

  test("a breach is seen", () => {
    expect(breaches([made("core/crypto/a.ts", 'import type { JsonObject } from "../fhir/tree/tree.ts";')])).toHaveLength(1);
  });
});
