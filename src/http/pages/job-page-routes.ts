import { Router, type Request, type Response } from "express";
import { wholeQueryOf } from "../fhir/preferences.ts";
import { askedBy } from "../request-facts.ts";
import type { Served } from "../served.ts";
import { localeOf } from "./locale.ts";
import { refuseMethod } from "./viewer-routes.ts";
import { writePage } from "./write-view.ts";

/** How jobs stand, and a button that ends one. Its form is taken from our own pages alone (bounds/guards.ts). */
export function jobPageRoutes({ served }: { readonly served: Served }): Router {
  const { pages, registry } = served;
  const router = Router({ caseSensitive: true, strict: true });
  const write = async (request: Request, response: Response, ended?: string): Promise<void> => {
    const listed = await registry.jobList.list(askedBy(response, "page"));
    response.vary("Accept-Language").setHeader("Cache-Control", "no-store");
    writePage(response, pages.jobs({ ...listed, ...(ended !== undefined && { ended }) }, { locale: localeOf(request) }), served);
  };
  router.get("/jobs", async (request, response) => {
    wholeQueryOf(request, []);
    await write(request, response);
  });
  router.post("/jobs/:name/cancel", async (request, response) => {
    const { name } = request.params;
    await registry.jobList.cancel(askedBy(response, "page"), name);
    await write(request, response, name);
  });
  router.all("/jobs", refuseMethod("GET, HEAD", "only GET, HEAD is answered"));
  router.all("/jobs/:name/cancel", refuseMethod("POST", "only POST is answered"));
  return router;
}
