import type { Request, Response } from "express";
import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import { operationOutcome } from "../../core/fhir/issue.ts";
import { STATUS_OF, type CreateInteraction, type CreateOutcome, type ReadInteraction } from "../../interactions/interaction.ts";
import { documentBodyType, fhirBodyType, withBody, type BodyOptions } from "../bodies/body.ts";
import { versionTag } from "./conditional.ts";
import { preferencesOf } from "./preferences.ts";
import { askedBy } from "../request-facts.ts";
import type { Served } from "../served.ts";
import { agreeOn, isPretty, writeBytes, writeResource } from "../answers/write.ts";

interface CreateRoute {
  readonly interaction: CreateInteraction;
  /** Reads what was created, for `Prefer: return=representation`. */
  readonly readBack: ReadInteraction | undefined;
  readonly served: Pick<Served, "baseUrl" | "fhirBase" | "turns" | "definitions">;
  readonly bodies: BodyOptions;
}

/** `POST /fhir/{type}`. Everything that can be refused from the headers is refused before the body is read. */
export async function create(request: Request, response: Response, { interaction, readBack, served, bodies }: CreateRoute): Promise<void> {
  response.vary("Accept");
  const agreed = agreeOn(request, ["json", "xml"]);
  const mediaType = (interaction.type === "Bundle" ? documentBodyType : fhirBodyType)(request.get("Content-Type"));
  const ifNoneExist = request.get("If-None-Exist");
  const asked = askedBy(response, "rest");
  const result = await withBody(request, response, bodies, (bytes) =>
    interaction.handle(asked, { bytes, mediaType, receivedAt: new Date(), ifNoneExist }),
  );
  const outcome = (): JsonObject => operationOutcome(result.issues, result.source);

  response.status(STATUS_OF[result.kind]);
  if (result.id === undefined) return writeResource(request, response, outcome(), agreed, served.definitions);
  tellPlace(response, `${interaction.type}/${result.id}`, result, served);
  const form = { form: agreed.form === "xml" ? "xml" : "json", pretty: isPretty(request) } as const;
  const { id } = result;
  if (interaction.writeCreated) {
    const text = await served.turns.take(0, () => interaction.writeCreated?.(asked, id, form) ?? Promise.resolve(new Uint8Array()));
    return writeBytes(response, text, agreed.contentType);
  }
  const { returns } = preferencesOf(request);
  if (returns) response.setHeader("Preference-Applied", `return=${returns}`);
  if (returns === "OperationOutcome") return writeResource(request, response, outcome(), agreed, served.definitions);
  if (returns === "representation" && readBack) {
    const { weight, write } = await readBack.handle(asked, result.id);
    const text = await served.turns.take(weight, () => write(form));
    return writeBytes(response, text, agreed.contentType);
  }
  // Without a preference the answer is short: the sender has the document.
  response.setHeader("Content-Length", 0);
  response.end();
}

/** Where the document is, for programs and for people, and where its receipt is. */
function tellPlace(
  response: Response,
  address: string,
  { id, lastModified }: CreateOutcome,
  { fhirBase, baseUrl }: Pick<Served, "baseUrl" | "fhirBase">,
): void {
  response.setHeader("Location", `${fhirBase}/${address}/_history/1`);
  response.setHeader("ETag", versionTag("1"));
  if (lastModified) response.setHeader("Last-Modified", lastModified.toUTCString());
  const page = `${baseUrl}/documents/${id?.split(".")[0] ?? ""}`;
  response.setHeader("Link", `<${page}>; rel="alternate"; type="text/html", <${page}/receipt>; rel="describedby"; type="application/json"`);
}
