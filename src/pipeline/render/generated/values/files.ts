/** Files within the data (R4 datatypes.html, Attachment; binary.html): what they are. Their base64 is never in the page, unless as an image. */
import { createHash } from "node:crypto";
import type { JsonObject } from "../../../../core/fhir/tree/tree.ts";
import { html, type Part } from "../../html.ts";
import { isBlank, joined } from "../joined.ts";
import { said, type RenderContext, type Wording } from "../render-context.ts";

/** Types that browsers show in an `img`, where even SVG runs no script and fetches nothing (HTML, SVG integration, secure static mode). */
const IMAGE = /^image\/(?:png|jpe?g|gif|webp|bmp|svg\+xml)$/i;
const BASE64 = /^[A-Za-z0-9+/=]+$/;

/** An Attachment: title, kind, size, and whether it is what its hash says. */
export const attachment: Wording = (unsaid, context) => {
  const { object } = unsaid;
  const data = object.string("data");
  const title = said(unsaid, "title", context);
  const contentType = unsaid.string("contentType");
  const size = data === undefined ? undefined : base64Size(data);
  if (size !== undefined && object.has("size")) unsaid.drop("size");
  const sizes = size ?? numberOf(unsaid.number("size"));
  const hash = object.string("hash");
  const verdict =
    hash !== undefined &&
    context.locale.word(data === undefined ? "file-unchecked" : hashOf(data) === hash.replace(/\s+/g, "") ? "file-intact" : "file-changed");
  const url = object.string("url");
  if (url?.startsWith("data:") === true) unsaid.drop("url");
  const words = joined([linked(title, object, context), contentType, sizes !== undefined && sizeText(sizes), verdict], ", ");
  return joined([isBlank(words) ? context.locale.word("file") : words, pictureOf(contentType, data, object, context)], " ");
};

/** A Binary resource, as an Attachment. */
export const binary: Wording = (unsaid, context) => {
  const contentType = unsaid.string("contentType");
  const data = unsaid.object.string("data");
  const words = joined([linked("", unsaid.object, context), contentType, data !== undefined && sizeText(base64Size(data))], ", ");
  return joined([words, pictureOf(contentType, data, unsaid.object, context)], " ");
};

/** The title of a file that stands in the document, as the way to it. */
function linked(title: Part, holder: JsonObject, context: RenderContext): Part {
  const address = holder.has("data") ? context.fileAddress(holder) : undefined;
  return address === undefined ? title : html`<a href="${address}">${isBlank(title) ? context.locale.word("file") : title}</a>`;
}

/** The size of what base64 stands for. */
export function base64Part(data: string): Part {
  return sizeText(base64Size(data));
}

function pictureOf(contentType: string | undefined, data: string | undefined, holder: JsonObject, context: RenderContext): Part {
  if (data === undefined || contentType === undefined || !IMAGE.test(contentType.trim()) || !context.isOpen) return "";
  const base64 = data.replace(/\s+/g, "");
  if (!BASE64.test(base64)) return "";
  const title = holder.string("title") ?? context.locale.word("image");
  return html`<img class="picture" alt="${title}" src="data:${contentType.trim().toLowerCase()};base64,${base64}">`;
}

/** SHA-1 of the bytes in base64, as Attachment.hash has it. */
function hashOf(data: string): string {
  return createHash("sha1").update(Buffer.from(data, "base64")).digest("base64");
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined || Number.isNaN(Number(text)) ? undefined : Number(text);
}

/** Bytes. White space is none of base64's characters, though senders break its lines. */
function base64Size(data: string): number {
  let characters = 0;
  for (let at = 0; at < data.length; at++) if (data.charCodeAt(at) > 0x20 && data.charCodeAt(at) !== PADDING) characters++;
  return Math.floor((characters * 3) / 4);
}

const PADDING = 0x3d;

function sizeText(bytes: number): string {
  const [unit, size] = bytes >= 1e6 ? ["MB", bytes / 1e6] : bytes >= 1e3 ? ["kB", bytes / 1e3] : ["B", bytes];
  return `${size >= 10 || unit === "B" ? Math.round(size) : size.toFixed(1)}\u00A0${unit}`;
}
