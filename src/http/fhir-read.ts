import type { Request, Response } from "express";
import { AppError } from "../core/errors.ts";
import type { ReadInteraction, ReadResource } from "../interactions/interaction.ts";
import { answerUnchanged, versionTag } from "./conditional.ts";
import { negotiateBinary, type Agreed } from "./negotiate.ts";
import { askedBy } from "./request-facts.ts";
import { agreeOn, wantedBy, writeBytes, writeResource } from "./write.ts";

/** Writes the attested view of a document. */
export type ViewWriter = (request: Request, response: Response, id: string, form: "html" | "pdf") => Promise<void>;

interface ReadRoute {
  readonly interaction: ReadInteraction;
  readonly writeView: ViewWriter;
}

/** `GET /fhir/{type}/{id}` and `.../_history/1`. */
export async function read(request: Request, response: Response, route: ReadRoute): Promise<void> {
  const { interaction } = route;
  const id = String(request.params["id"]);
  const versionId = request.params["versionId"];
  if (versionId !== undefined && versionId !== "1") {
    throw new AppError("not-found", `${interaction.type}/${id} has no such version: documents are never changed, so 1 is the only one.`);
  }
  response.vary("Accept");
  if (interaction.type === "Binary") return readContent(request, response, await interaction.handle(askedBy(response, "rest"), id));
  const agreed = agreeOn(request, ["json", "xml", "html", "pdf"]);
  if (agreed.form === "html" || agreed.form === "pdf") return route.writeView(request, response, id, agreed.form);
  return writeRead(request, response, await interaction.handle(askedBy(response, "rest"), id), agreed);
}

/** R4 binary.html: the content itself, unless the client names a FHIR type. */
async function readContent(request: Request, response: Response, found: ReadResource): Promise<void> {
  const agreed = negotiateBinary(wantedBy(request));
  if (agreed === "unacceptable")
    throw new AppError("not-acceptable", "A Binary resource can be given as json or xml; leave _format out for its content.");
  if (agreed) return writeRead(request, response, found, agreed);
  if (!found.content || answerUnchanged(request, response, { etag: versionTag("1"), lastModified: found.lastModified })) return;
  writeBytes(response, found.content.bytes, found.content.mediaType);
}

async function writeRead(request: Request, response: Response, { lastModified, resource }: ReadResource, agreed: Agreed): Promise<void> {
  if (answerUnchanged(request, response, { etag: versionTag("1"), lastModified })) return;
  writeResource(request, response, await resource(), agreed);
}
