/** README promises that the frame holds what the author signed for, word for word and in order, and nothing else: held on every document there is. */
import { statSync } from "node:fs";
import { basename } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { JSDOM } from "jsdom";
import { conceptText } from "../../../../src/core/fhir/datatypes.ts";
import { resolved } from "../../../../src/core/fhir/party.ts";
import type { JsonObject } from "../../../../src/core/fhir/tree/tree.ts";
import { readXhtml, type XhtmlElement } from "../../../../src/core/fhir/xml/xhtml.ts";
import { localeFor } from "../../../../src/pipeline/render/locale-for.ts";
import { attestedContent } from "../../../../src/pipeline/render/narrative/attested.ts";
import { framesOf, type Piece } from "../../../../src/pipeline/render/narrative/frames.ts";
import { html } from "../../../../src/pipeline/render/html.ts";
import { R4 } from "../../../r4.ts";
import { filesOf, shownFile, usualFolders } from "../../../visibility/documents.ts";
import { easyPresenter } from "../sample.ts";

const squeezed = (text: string): string => text.replace(/\s+/g, "");

/** What stands for a picture that lies outside of the document, with its words. */
const withoutPictures = (text: string): string => text.replace(/\[×[^\]]*\]/g, "");

function wordsOf(element: XhtmlElement): string {
  return element.children.map((child) => (typeof child === "string" ? child : wordsOf(child))).join("");
}

/** The title of a section, the words of its text, and those of the sections in it. */
function attestedWords(holder: JsonObject): string {
  const title = holder.string("resourceType") === undefined ? (holder.string("title") ?? conceptText(holder.object("code")) ?? "") : "";
  const div = holder.object("text")?.string("div") ?? "";
  const { root } = readXhtml(div);
  return [title, root === undefined ? div : wordsOf(root), ...holder.objects("section").map(attestedWords)].join(" ");
}

describe.each(usualFolders())("%s", (folder) => {
  test("the frames of every document hold its titles and narratives, in order, and nothing else", async () => {
    const wrong: string[] = [];
    let documents = 0;
    for (const file of filesOf([folder]).filter((name) => statSync(name).isFile())) {
      const document = shownFile(file)?.presented.document;
      if (document === undefined) continue;
      documents += 1;
      const { composition } = document;
      const subject = resolved(document, composition.resource.object("subject"), composition);
      const wanted = [subject ? attestedWords(subject.resource.without("section")) : "", attestedWords(composition.resource)].join(" ");
      const options = {
        narratives: easyPresenter(),
        definitions: R4.definitions,
        locale: localeFor(["en"]),
        medium: "screen" as const,
        addresses: undefined,
      };
      const page = new JSDOM((await attestedContent(document, options)).html.text).window.document;
      const frames = Array.from(page.querySelectorAll(".attested"), (frame) => frame.textContent).join(" ");
      if (withoutPictures(squeezed(frames)) !== squeezed(wanted)) wrong.push(basename(file));
      if (page.querySelector(".attested :is(.generated, .remark, .ours, .untitled, .table-hint)") !== null)
        wrong.push(`${basename(file)}: ours within`);
    }
    expect(wrong).toEqual([]);
    expect(documents).toBeGreaterThan(0);
  });
});

describe("framesOf", () => {
  const piece = (by: Piece["by"], text: string, isTitle = false): Piece => ({ by, html: html`<p>${text}</p>`, isTitle });
  const shown = (pieces: readonly Piece[]): string[] => {
    const page = new JSDOM(framesOf(pieces, { label: "LABEL", language: "ar" }).text).window.document;
    return Array.from(page.body.children, (element) => `${element.className || element.localName}: ${squeezed(element.textContent)}`);
  };

  test("one frame for what the author wrote without a break, and our own between frames", () => {
    expect(shown([piece("theirs", "a", true), piece("theirs", "b"), piece("ours", "x"), piece("ours", "y"), piece("theirs", "c")])).toEqual([
      "attested-label: LABEL",
      "attested: ab",
      "p: x",
      "p: y",
      "attested-label: LABEL",
      "attested: c",
    ]);
  });

  test("titles alone have a label when they come first", () => {
    const pieces = [piece("theirs", "a", true), piece("ours", "x"), piece("theirs", "b", true)];
    expect(shown(pieces)).toEqual(["attested-label: LABEL", "attested titles: a", "p: x", "attested titles: b"]);
  });

  test("each frame has the document's language and direction", () => {
    expect(framesOf([piece("theirs", "a")], { label: "", language: "ar" }).text).toContain('<div class="attested" lang="ar" dir="rtl">');
  });
});
