/** Pages with the verifier for browsers, and without: a checkout that was not built goes on as a service that verifies by itself. */
import { expect, test } from "@jest/globals";
import { createHash } from "node:crypto";
import { JSDOM } from "jsdom";
import { createPages, type RenderedPages } from "../../../../src/pipeline/render/pages/pages.ts";
import { R4 } from "../../../r4.ts";
import { NOW } from "../sample.ts";

function pages(loadVerifier?: () => Promise<string | undefined>): RenderedPages {
  return createPages({
    definitions: R4.definitions,
    judge: { rules: "none", judge: () => Promise.resolve({ kind: "clean" }), close: () => Promise.resolve() },
    verdicts: { get: () => undefined, put: () => undefined },
    onPlain: () => undefined,
    isOpen: true,
    depositAddress: "https://documents.example.org/fhir/Bundle",
    now: () => NOW,
    ...(loadVerifier && { loadVerifier }),
  });
}

const opened = (page: string): Document => new JSDOM(page).window.document;
const SCRIPT = 'const comment = "<!-- <script>";';

test("where it was built, the page has its script by an address that names its content, and the trust file", async () => {
  let asked = 0;
  const house = pages(() => Promise.resolve(((asked += 1), SCRIPT)));
  const verifier = await house.verifier();
  await house.verifier();
  expect([asked, verifier?.asset.body]).toEqual([1, SCRIPT]);
  expect(verifier?.path).toBe(`/assets/${createHash("sha256").update(SCRIPT).digest("hex").slice(0, 16)}.js`);
  const trust = '{"format": "<\'&>"}';
  const page = opened(house.verifyFile(undefined, { locale: "en", verifier: { script: verifier?.path ?? "", trust } }));
  expect(page.querySelector("script")?.getAttribute("src")).toBe(verifier?.path);
  expect(page.getElementById("verifier")?.dataset["trust"]).toBe(trust);
  expect(page.querySelector("a[download]")?.getAttribute("href")).toBe("/verify.html");
  expect(page.querySelector("form")?.getAttribute("action")).toBe("/verify");
});

test("where it was not, the page says so, has no script, and sends its form", async () => {
  const house = pages();
  expect(await house.verifier()).toBeUndefined();
  const page = opened(house.verifyFile(undefined, { locale: "en" }));
  expect([page.querySelector("script"), page.querySelector("a[download]")]).toEqual([null, null]);
  expect(page.getElementById("verifier")?.textContent).toContain("has not been built here");
  expect(page.querySelector("form")?.getAttribute("action")).toBe("/verify");
});

test("as one file it may run its script and its styles by their hash and nothing else, whatever stands in the script", async () => {
  const verifier = await pages(() => Promise.resolve(SCRIPT)).verifier();
  const page = opened(verifier?.file() ?? "");
  const policy = page.querySelector("meta[http-equiv]")?.getAttribute("content") ?? "";
  const hash = (text: string | undefined): string =>
    `'sha256-${createHash("sha256")
      .update(text ?? "")
      .digest("base64")}'`;
  const script = page.querySelector("script")?.textContent;
  expect(script).toBe('const comment = "\\x3c!-- <script>";');
  expect(policy).toContain(`script-src ${hash(script)};`);
  expect(policy).toContain(`style-src ${hash(page.querySelector("style")?.textContent)};`);
  expect(policy).toMatch(/^default-src 'none'; connect-src 'none';/);
  expect(policy).not.toMatch(/unsafe|https?:/);
  expect(page.querySelectorAll("noscript p")).toHaveLength(12);
});
