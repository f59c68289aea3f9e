/** Heads of columns on paper stand above a row. Held to a real prescription, whose last table begins where a sheet ends: made-up pages broke as they should. */
import { expect, test } from "@jest/globals";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { getDocument } from "pdfjs-dist/legacy/build/pdf.mjs";
import { PROJECT_ROOT } from "../journeys/support/service.ts";
import { shownFile } from "./documents.ts";
import { openVisibilityHouse } from "./house.ts";

const FOLDER = ["gematik__eRezept-Examples", "ePA-eML-Examples", "ExampleRepoTestData", "valid", "medicationCompounding", "Beispiel_23_9581ce65"];
const FILE = join(PROJECT_ROOT, "..", "shared", "cases", "documents", ...FOLDER, "input.xml");

const isThere = existsSync(FILE);
(isThere ? test : test.skip)(
  `the heads of a table go to the next sheet with its first row${isThere ? "" : " (not judged: the document is not there)"}`,
  async () => {
    const shown = shownFile(FILE);
    if (shown === undefined) throw new Error("no document");
    const house = await openVisibilityHouse();
    try {
      const { pdf } = await house.paper(shown);
      const [first = "", second = ""] = await wordsOf(new Uint8Array(await (await fetch(pdf)).arrayBuffer()));
      expect(first).toContain("Dermatologin");
      expect(first).not.toContain("Payer");
      expect(second).toMatch(/Coverage.*Name\s*Payer.*GKV/s);
    } finally {
      await house.close();
    }
  },
);

/** The words of each page. */
async function wordsOf(data: Uint8Array): Promise<string[]> {
  const loading = getDocument({ data, verbosity: 0 });
  const document = await loading.promise;
  const pages: string[] = [];
  for (let number = 1; number <= document.numPages; number++) {
    const { items } = await (await document.getPage(number)).getTextContent();
    pages.push(items.map((item) => ("str" in item ? item.str : "")).join(" "));
  }
  await loading.destroy();
  return pages;
}
