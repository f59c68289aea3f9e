import type { Request, Response } from "express";
import { AppError } from "../core/errors.ts";
import type { InteractionContext } from "../interactions/context.ts";
import type { CreateOutcome, FhirInteraction } from "../interactions/interaction.ts";
import { fhirBodyType, withBody, type BodyOptions } from "./body.ts";
import { versionTag } from "./conditional.ts";
import { preferencesOf } from "./preferences.ts";
import { requestIdOf } from "./request-facts.ts";
import { agreeOn, isPretty, resourceText, writeBytes, writeResource } from "./write.ts";

/** R4 http.html, "create": 400 what cannot be parsed, 422 what breaks rules. */
const STATUS_OF: Readonly<Record<CreateOutcome["kind"], number>> = { created: 201, repeated: 200, unreadable: 400, conflict: 409, invalid: 422 };

interface CreateRoute {
  readonly interaction: FhirInteraction & { readonly code: "create" };
  /** Reads what was created, for `Prefer: return=representation`. */
  readonly readBack: FhirInteraction | undefined;
  readonly context: InteractionContext;
  readonly bodies: BodyOptions;
}

/** `POST /fhir/{type}`. Everything that can be refused from the headers is refused before the body is read. */
export async function create(request: Request, response: Response, { interaction, readBack, context, bodies }: CreateRoute): Promise<void> {
  response.vary("Accept");
  const agreed = agreeOn(request, ["json", "xml"]);
  const mediaType = fhirBodyType(request.get("Content-Type"));
  if (request.get("If-None-Exist") !== undefined) {
    throw new AppError(
      "unsupported",
      "Conditional create is not supported, nor needed: a document that is sent again is recognised by its Bundle.identifier. Leave out If-None-Exist.",
    );
  }
  const result = await withBody(request, response, bodies, (bytes) =>
    interaction.handle({ bytes, mediaType, receivedAt: new Date(), submitter: "unauthenticated", requestId: requestIdOf(response) }, context),
  );

  response.status(STATUS_OF[result.kind]);
  if (result.id === undefined) return writeResource(request, response, result.outcome, agreed);
  tellPlace(response, `${interaction.type}/${result.id}`, result, context);
  const { returns } = preferencesOf(request);
  if (returns) response.setHeader("Preference-Applied", `return=${returns}`);
  if (returns === "OperationOutcome") return writeResource(request, response, result.outcome, agreed);
  if (returns === "representation" && readBack && readBack.code !== "create") {
    const { weight, resource } = await readBack.handle(result.id, context);
    const text = await context.turns.take(weight, async () => resourceText(await resource(), agreed.form, isPretty(request)));
    return writeBytes(response, text, agreed.contentType);
  }
  // Without a preference the answer is short: the sender has the document.
  response.setHeader("Content-Length", 0);
  response.end();
}

/** Where the document is, for programs and for people, and where its receipt is. */
function tellPlace(response: Response, address: string, { id, lastModified }: CreateOutcome, { fhirBase, baseUrl }: InteractionContext): void {
  response.setHeader("Location", `${fhirBase}/${address}/_history/1`);
  response.setHeader("ETag", versionTag("1"));
  if (lastModified) response.setHeader("Last-Modified", lastModified.toUTCString());
  const page = `${baseUrl}/documents/${id ?? ""}`;
  response.setHeader("Link", `<${page}>; rel="alternate"; type="text/html", <${page}/receipt>; rel="describedby"; type="application/json"`);
}
