import { expect, test } from "@jest/globals";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openAssets } from "../../../../src/pipeline/render/pages/assets.ts";

const font = { body: () => Promise.resolve(new Uint8Array([1])), contentType: "font/woff2" };
const fonts = {
  sheets: [{ css: "/* every script */" }, { css: "/* Han */", characters: /\p{Script=Han}/u }],
  files: new Map([["/assets/fonts/1.0.0/a.woff2", font]]),
};

test("a page links to the stylesheets that its text needs, and all that it links to is there", () => {
  const assets = openAssets(fonts);
  const plain = assets.stylesheetsFor("Discharge summary");
  const han = assets.stylesheetsFor("出院小结");
  expect(plain).toHaveLength(2);
  expect(han.slice(0, 2)).toEqual(plain);
  expect(han.map((path) => assets.files.get(path)?.body).slice(1)).toEqual(["/* every script */", "/* Han */"]);
  expect(han.filter((path) => !/^\/assets\/[0-9a-f]{16}\.css$/.test(path))).toEqual([]);
  expect(assets.files.get("/assets/fonts/1.0.0/a.woff2")).toBe(font);
});

test("without fonts there are the styles alone, and the one script that there is", () => {
  const assets = openAssets(undefined);
  expect([...assets.stylesheetsFor("出院小结"), assets.passkeyScript]).toEqual([...assets.files.keys()]);
});

test("the first font of a page is one that is fetched, since Chromium leaves cells of tables blank otherwise", () => {
  const [styles] = openAssets(undefined).files.values();
  const stacks = [...String(styles?.body).matchAll(/--family:\s*([^,]+),/g)].map(([, first]) => first);
  expect(new Set(stacks)).toEqual(new Set(['"Noto Sans"']));
});

/** Classes that are put together: R4's own, levels, and how wide a window a table needs. */
const PUT_TOGETHER = /^(?:fhir|level|needs)-/;

test("every class that our styles are about is one that a page may have", () => {
  const sources = ["../../../../src/pipeline/render/", "../../../../src/adapters/chromium/"].map((folder) => new URL(folder, import.meta.url));
  const program = sources.flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((file) => file.name.endsWith(".ts"))
      .map((file) => readFileSync(join(file.parentPath, file.name), "utf8")),
  );
  const words = new Set(program.map((text) => text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "")).join("\n").split(/[^\w-]+/)); // prettier-ignore
  const sheets = [...openAssets(undefined).files.values()].filter(({ contentType }) => contentType.startsWith("text/css"));
  const styles = sheets.map(({ body }) => String(body).replace(/\/\*[\s\S]*?\*\//g, "")).join("\n");
  const selectors = [...styles.matchAll(/([^{}]+)\{/g)].map(([, selector = ""]) => selector);
  const classes = new Set(selectors.flatMap((selector) => [...selector.matchAll(/\.([a-zA-Z_][\w-]*)/g)].map(([, name = ""]) => name)));
  expect(classes.size).toBeGreaterThan(100);
  expect([...classes].filter((name) => !PUT_TOGETHER.test(name) && !words.has(name))).toEqual([]);
});
