import type { Request, Response } from "express";
import { AppError } from "../../core/errors.ts";
import type { ReadInteraction, ReadResource } from "../../interactions/interaction.ts";
import { answerUnchanged, versionTag } from "./conditional.ts";
import { acceptsContent, negotiateBinary, type Agreed } from "./negotiate.ts";
import { askedBy } from "../request-facts.ts";
import type { Served } from "../served.ts";
import { agreeOn, isPretty, writeBytes, wantedBy, writeHead } from "../answers/write.ts";

/** Writes the attested view of a document. */
export type ViewWriter = (request: Request, response: Response, id: string, form: "html" | "pdf") => Promise<void>;

/** How documents are opened: bounded, and once for all who ask. */
type Opening = Pick<Served, "turns" | "openings" | "definitions" | "fhirBase">;

interface ReadRoute {
  readonly interaction: ReadInteraction;
  readonly served: Opening;
  readonly writeView: ViewWriter;
}

/** `GET /fhir/{type}/{id}` and `.../_history/1`. */
export async function read(request: Request, response: Response, route: ReadRoute): Promise<void> {
  const { interaction, served } = route;
  const id = String(request.params["id"]);
  const versionId = request.params["versionId"];
  if (versionId !== undefined && versionId !== "1") {
    throw new AppError("not-found", `${interaction.type}/${id} has no such version: documents are never changed, so 1 is the only one.`);
  }
  response.vary("Accept");
  response.setHeader("Cache-Control", "private, no-cache");
  if (interaction.type === "Binary") return readContent(request, response, await find(route, id, response), served);
  const agreed = agreeOn(request, ["json", "xml", "html", "pdf"]);
  if (agreed.form === "html" || agreed.form === "pdf") return route.writeView(request, response, id, agreed.form);
  return writeRead(request, response, await find(route, id, response), { agreed, served });
}

/** R4 binary.html: the content itself, unless the client names a FHIR type. */
async function readContent(request: Request, response: Response, found: Found, served: Opening): Promise<void> {
  const { content, isContentAlone = false } = found.read;
  if (content && isContentAlone) {
    // Neither the resource nor another form is at this address.
    if (!acceptsContent(wantedBy(request), content.mediaType))
      throw new AppError("not-acceptable", `What is here is ${content.mediaType}, and nothing else: name it in Accept, or leave Accept out.`);
    return writeContent(request, response, found, served);
  }
  const agreed = negotiateBinary(wantedBy(request));
  if (agreed === "unacceptable")
    throw new AppError("not-acceptable", "A Binary resource can be given as json or xml; leave _format out for its content.");
  if (!agreed) return writeContent(request, response, found, served);
  response.setHeader("Cache-Control", "no-store");
  return writeRead(request, response, found, { agreed, served });
}

async function writeContent(request: Request, response: Response, found: Found, served: Opening): Promise<void> {
  const { content, weight } = found.read;
  response.setHeader("Cache-Control", "no-store");
  if (!content || answerUnchanged(request, response, { etag: versionTag("1"), lastModified: found.read.lastModified })) return;
  if (request.method === "HEAD") return writeHead(response, content.mediaType);
  writeBytes(response, await served.openings.bytesOf(found.id, "original", () => served.turns.take(weight, content.bytes)), content.mediaType);
}

interface Found {
  readonly type: string;
  readonly id: string;
  readonly read: ReadResource;
}

/** 304 and HEAD are answered from what the store tells; the document is opened for nobody who does not get it, and once for all who ask at the same time. */
async function writeRead(
  request: Request,
  response: Response,
  { type, id, read: { lastModified, weight, write } }: Found,
  { agreed, served }: { readonly agreed: Agreed; readonly served: Opening },
): Promise<void> {
  if (answerUnchanged(request, response, { etag: versionTag("1"), lastModified })) return;
  if (request.method === "HEAD") return writeHead(response, agreed.contentType);
  const { form, contentType } = agreed;
  const pretty = isPretty(request);
  const text = await served.openings.bytesOf(id, `${type} ${form} ${String(pretty)}`, () =>
    served.turns.take(weight, () => write({ form: form === "xml" ? "xml" : "json", pretty })),
  );
  writeBytes(response, text, contentType);
}

/** What stands at an address, without opening it. Of what was erased nothing stays in memory. */
async function find({ interaction, served }: ReadRoute, id: string, response: Response): Promise<Found> {
  try {
    const read = await interaction.handle(askedBy(response, "rest"), id);
    const successors = await read.successors();
    // RFC 5829: what was superseded stays readable, and says what took its place.
    if (successors.length > 0) response.setHeader("Link", successors.map((one) => `<${served.fhirBase}/${one}>; rel="successor-version"`).join(", "));
    return { type: interaction.type, id: documentOf(id), read };
  } catch (error) {
    if (error instanceof AppError && error.code === "gone") served.openings.forget(documentOf(id));
    throw error;
  }
}

/** The document that an id is of, whatever stands behind it. */
function documentOf(id: string): string {
  return id.split(".")[0] ?? id;
}
