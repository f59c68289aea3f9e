import { Router, type Request, type Response } from "express";
import { AppError } from "../../core/errors.ts";
import { operationOutcome } from "../../core/fhir/issue.ts";
import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import { UUID } from "../../core/formats/fields.ts";
import type { ConsentInteractions, ConsentOutcome } from "../../interactions/fhir/consents/consents.ts";
import { STATUS_OF } from "../../interactions/interaction.ts";
import { writeEntryBundle } from "../../interactions/fhir/entry-bundle.ts";
import { agreeOn, isPretty, resourceText, writeBytes, writeResource } from "../answers/write.ts";
import { fhirBodyType, withBody, type BodyOptions } from "../bodies/body.ts";
import { askedBy } from "../request-facts.ts";
import type { Served } from "../served.ts";
import { answerUnchanged, versionTag } from "./conditional.ts";
import { preferencesOf } from "./preferences.ts";

export interface ConsentRoutesOptions {
  readonly consents: ConsentInteractions;
  readonly served: Pick<Served, "fhirBase" | "definitions">;
  readonly bodies: BodyOptions;
}

/** Consents that are entered here: mounted before the routes of what stands in documents, to which everything else at these addresses is left. */
export function consentRoutes(options: ConsentRoutesOptions): Router {
  const { consents, served } = options;
  const router = Router({ caseSensitive: true, strict: true });
  router.post("/fhir/Consent", (request, response) => write(request, response, options));
  router.put("/fhir/Consent/:id", (request, response) => write(request, response, options, idOf(request)));
  router.get("/fhir/Consent/:id", isOurs, async (request, response) => {
    const versions = await consents.versions(askedBy(response, "rest"), idOf(request));
    answer(request, response, versions.at(-1), served);
  });
  router.get("/fhir/Consent/:id/_history/:version", isOurs, async (request, response) => {
    const versions = await consents.versions(askedBy(response, "rest"), idOf(request));
    const found = versions.find(({ version }) => String(version) === versionOf(request));
    if (!found) throw new AppError("not-found", `Consent/${idOf(request)} has no version "${versionOf(request)}".`);
    answer(request, response, found, served);
  });
  router.get("/fhir/Consent/:id/_history", isOurs, async (request, response) => {
    response.vary("Accept").setHeader("Cache-Control", "no-store");
    const { form, contentType } = agreeOn(request, ["json", "xml"]);
    const id = idOf(request);
    const versions = await consents.versions(askedBy(response, "rest"), id);
    const written = { form: form === "xml" ? "xml" : "json", pretty: isPretty(request) } as const;
    const entries = versions.toReversed().map(({ version, at, resource }) => ({
      fullUrl: `${served.fhirBase}/Consent/${id}`,
      text: resourceText(resource, written.form, false, served.definitions),
      parts: [
        {
          name: "request" as const,
          values: [["method", version === 1 ? "POST" : "PUT"] as const, ["url", version === 1 ? "Consent" : `Consent/${id}`] as const],
        },
        {
          name: "response" as const,
          values: [["status", version === 1 ? "201" : "200"] as const, ["etag", versionTag(String(version))] as const, ["lastModified", at] as const],
        },
      ],
    }));
    const bundle = {
      type: "history" as const,
      lastUpdated: new Date().toISOString(),
      total: entries.length,
      links: [],
      entries,
      fhirBase: served.fhirBase,
    };
    writeBytes(response, writeEntryBundle(bundle, written, served.definitions), contentType);
  });
  return router;
}

function idOf(request: Request): string {
  return String(request.params["id"]);
}

function versionOf(request: Request): string {
  return String(request.params["version"]);
}

/** Consents in documents have ids with a point. */
function isOurs(request: Request, _response: Response, next: (route?: "route") => void): void {
  next(UUID.test(idOf(request)) ? undefined : "route");
}

function answer(
  request: Request,
  response: Response,
  found: { readonly version: number; readonly at: string; readonly resource: JsonObject } | undefined,
  { definitions }: ConsentRoutesOptions["served"],
): void {
  response.vary("Accept").setHeader("Cache-Control", "private, no-cache");
  const agreed = agreeOn(request, ["json", "xml"]);
  if (!found) throw new AppError("not-found", "There is no such Consent here.");
  if (answerUnchanged(request, response, { etag: versionTag(String(found.version)), lastModified: new Date(found.at) })) return;
  writeResource(request, response, found.resource, agreed, definitions);
}

/** `POST` enters a consent, `PUT` a later version of it; `If-Match` says upon which. */
async function write(request: Request, response: Response, { consents, served, bodies }: ConsentRoutesOptions, id?: string): Promise<void> {
  response.vary("Accept").setHeader("Cache-Control", "no-store");
  const agreed = agreeOn(request, ["json", "xml"]);
  const mediaType = fhirBodyType(request.get("Content-Type"));
  const asked = askedBy(response, "rest");
  const expected = expectedIn(request.get("If-Match"));
  const outcome: ConsentOutcome = await withBody(request, response, bodies, (bytes) =>
    id === undefined ? consents.create(asked, { bytes, mediaType }) : consents.update(asked, id, { bytes, mediaType, expected }),
  );
  response.status(STATUS_OF[outcome.kind]);
  if (outcome.id === undefined || outcome.version === undefined)
    return writeResource(request, response, operationOutcome(outcome.issues, outcome.source), agreed, served.definitions);
  response.setHeader("Location", `${served.fhirBase}/Consent/${outcome.id}/_history/${outcome.version}`);
  response.setHeader("ETag", versionTag(String(outcome.version)));
  if (outcome.at !== undefined) response.setHeader("Last-Modified", new Date(outcome.at).toUTCString());
  const { returns } = preferencesOf(request);
  if (returns) response.setHeader("Preference-Applied", `return=${returns}`);
  if (returns === "OperationOutcome")
    return writeResource(request, response, operationOutcome(outcome.issues, outcome.source), agreed, served.definitions);
  if (returns === "representation") {
    const written = (await consents.versions(asked, outcome.id)).at(-1);
    if (written) return writeResource(request, response, written.resource, agreed, served.definitions);
  }
  response.setHeader("Content-Length", 0);
  response.end();
}

/** AppError `bad-query` for a tag that is none of ours. */
function expectedIn(tag: string | undefined): number | undefined {
  if (tag === undefined) return undefined;
  const version = /^(?:W\/)?"([1-9]\d{0,8})"$/.exec(tag.trim())?.[1];
  if (version === undefined) throw new AppError("bad-query", 'If-Match names one version, as its ETag does: W/"1".');
  return Number(version);
}
