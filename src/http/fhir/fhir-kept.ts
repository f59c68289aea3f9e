import { Router, type Request, type Response } from "express";
import { AppError } from "../../core/errors.ts";
import { operationOutcome } from "../../core/fhir/issue.ts";
import { UUID } from "../../core/formats/fields.ts";
import type { KeptOutcome, KeptResources, KeptVersion } from "../../interactions/fhir/kept/kept-resources.ts";
import { STATUS_OF } from "../../interactions/interaction.ts";
import { writeEntryBundle, type BundleEntry } from "../../interactions/fhir/entry-bundle.ts";
import { agreeOn, isPretty, resourceText, writeBytes, writeResource } from "../answers/write.ts";
import { fhirBodyType, withBody, type BodyOptions } from "../bodies/body.ts";
import { askedBy } from "../request-facts.ts";
import type { Served } from "../served.ts";
import { answerUnchanged, versionTag } from "./conditional.ts";
import { preferencesOf } from "./preferences.ts";

export interface KeptRoutesOptions {
  readonly kept: readonly KeptResources[];
  readonly served: Pick<Served, "fhirBase" | "definitions">;
  readonly bodies: BodyOptions;
}

interface RouteOptions extends Omit<KeptRoutesOptions, "kept"> {
  readonly one: KeptResources;
}

/** Resources that are entered here and change by versions: mounted before the routes of what stands in documents, to which everything else at these addresses is left. */
export function keptRoutes({ kept, ...options }: KeptRoutesOptions): Router {
  const router = Router({ caseSensitive: true, strict: true });
  for (const one of kept) mount(router, { ...options, one });
  return router;
}

function mount(router: Router, options: RouteOptions): void {
  const { one, served } = options;
  const { type } = one;
  const path = `/fhir/${type}`;
  router.post(path, (request, response) => write(request, response, options));
  router.put(`${path}/:id`, (request, response) => write(request, response, options, idOf(request)));
  router.get(`${path}/:id`, isOurs, async (request, response) => {
    const versions = await one.versions(askedBy(response, "rest"), idOf(request));
    answer(request, response, versions.at(-1), options);
  });
  router.get(`${path}/:id/_history/:version`, isOurs, async (request, response) => {
    const versions = await one.versions(askedBy(response, "rest"), idOf(request));
    const found = versions.find(({ version }) => String(version) === versionOf(request));
    if (!found) throw new AppError("not-found", `${type}/${idOf(request)} has no version "${versionOf(request)}".`);
    answer(request, response, found, options);
  });
  router.get(`${path}/:id/_history`, isOurs, async (request, response) => {
    response.vary("Accept").setHeader("Cache-Control", "no-store");
    const { form, contentType } = agreeOn(request, ["json", "xml"]);
    const versions = await one.versions(askedBy(response, "rest"), idOf(request));
    const written = { form: form === "xml" ? "xml" : "json", pretty: isPretty(request) } as const;
    const entries = versions.toReversed().map((version): BundleEntry => {
      const address = `${type}/${idOf(request)}`;
      const deed = deedOf(version, type, address);
      return {
        fullUrl: `${served.fhirBase}/${address}`,
        text: version.resource && resourceText(version.resource, written.form, false, served.definitions),
        parts: [
          { name: "request", values: [["method", deed.method], ["url", deed.url]] }, // prettier-ignore
          { name: "response", values: [["status", deed.status], ["etag", versionTag(String(version.version))], ["lastModified", version.at]] }, // prettier-ignore
        ],
      };
    });
    const bundle = {
      type: "history",
      lastUpdated: new Date().toISOString(),
      total: entries.length,
      links: [],
      entries,
      fhirBase: served.fhirBase,
    } as const;
    writeBytes(response, writeEntryBundle(bundle, written, served.definitions), contentType);
  });
  const { remove } = one;
  if (remove)
    router.delete(`${path}/:id`, isOurs, async (request, response) => {
      response.setHeader("Cache-Control", "no-store");
      await remove(askedBy(response, "rest"), idOf(request), expectedIn(request.get("If-Match")));
      response.status(204).end();
    });
}

/** How a version came to be (R4 bundle.html, history). */
function deedOf(
  { version, resource }: KeptVersion,
  type: string,
  address: string,
): { readonly method: string; readonly url: string; readonly status: string } {
  if (!resource) return { method: "DELETE", url: address, status: "204" };
  return version === 1 ? { method: "POST", url: type, status: "201" } : { method: "PUT", url: address, status: "200" };
}

function idOf(request: Request): string {
  return String(request.params["id"]);
}

function versionOf(request: Request): string {
  return String(request.params["version"]);
}

/** Those in documents have ids with a point. */
function isOurs(request: Request, _response: Response, next: (route?: "route") => void): void {
  next(UUID.test(idOf(request)) ? undefined : "route");
}

function answer(request: Request, response: Response, found: KeptVersion | undefined, { one: { type }, served }: RouteOptions): void {
  response.vary("Accept").setHeader("Cache-Control", "private, no-cache");
  const agreed = agreeOn(request, ["json", "xml"]);
  if (!found) throw new AppError("not-found", `There is no such ${type} here.`);
  if (!found.resource) throw new AppError("gone", `This ${type} was deleted. Its history is kept.`);
  if (answerUnchanged(request, response, { etag: versionTag(String(found.version)), lastModified: new Date(found.at) })) return;
  writeResource(request, response, found.resource, agreed, served.definitions);
}

/** `POST` enters one, `PUT` a later version of it; `If-Match` says upon which. */
async function write(request: Request, response: Response, { one, served, bodies }: RouteOptions, id?: string): Promise<void> {
  response.vary("Accept").setHeader("Cache-Control", "no-store");
  const agreed = agreeOn(request, ["json", "xml"]);
  const mediaType = fhirBodyType(request.get("Content-Type"));
  const asked = askedBy(response, "rest");
  const expected = expectedIn(request.get("If-Match"));
  const outcome: KeptOutcome = await withBody(request, response, bodies, (bytes) =>
    id === undefined ? one.create(asked, { bytes, mediaType }) : one.update(asked, id, { bytes, mediaType, expected }),
  );
  response.status(STATUS_OF[outcome.kind]);
  if (outcome.id === undefined || outcome.version === undefined)
    return writeResource(request, response, operationOutcome(outcome.issues, outcome.source), agreed, served.definitions);
  response.setHeader("Location", `${served.fhirBase}/${one.type}/${outcome.id}/_history/${outcome.version}`);
  response.setHeader("ETag", versionTag(String(outcome.version)));
  if (outcome.at !== undefined) response.setHeader("Last-Modified", new Date(outcome.at).toUTCString());
  const { returns } = preferencesOf(request);
  if (returns) response.setHeader("Preference-Applied", `return=${returns}`);
  if (returns === "OperationOutcome")
    return writeResource(request, response, operationOutcome(outcome.issues, outcome.source), agreed, served.definitions);
  if (returns === "representation") {
    const written = (await one.versions(asked, outcome.id)).at(-1);
    if (written?.resource) return writeResource(request, response, written.resource, agreed, served.definitions);
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
