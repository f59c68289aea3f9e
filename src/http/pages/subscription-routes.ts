import { Router, type Request, type Response } from "express";
import { AppError } from "../../core/errors.ts";
import { wholeQueryOf } from "../fhir/preferences.ts";
import { READ_WEIGHT } from "../fhir/fhir-search.ts";
import { askedBy } from "../request-facts.ts";
import type { Served } from "../served.ts";
import type { TestedReceiver } from "../../pipeline/render/pages/subscriptions-page.ts";
import { localeOf } from "./locale.ts";
import { refuseMethod } from "./viewer-routes.ts";
import { writePage } from "./write-view.ts";

/** How subscriptions stand, for operators, and a button that tests a receiver. Its form is taken from our own pages alone (bounds/guards.ts). */
export function subscriptionRoutes({ served }: { readonly served: Served }): Router {
  const { pages, turns, registry } = served;
  const router = Router({ caseSensitive: true, strict: true });
  const write = async (request: Request, response: Response, at: number, tested?: TestedReceiver): Promise<void> => {
    const states = await turns.take(READ_WEIGHT, () => registry.subscriptions.states(askedBy(response, "page"), at));
    response.vary("Accept-Language").setHeader("Cache-Control", "no-store");
    writePage(response, pages.subscriptions({ ...states, ...(tested && { tested }) }, { locale: localeOf(request) }), served);
  };

  router.get("/subscriptions", async (request, response) => {
    const at = Number(wholeQueryOf(request, ["page"]).get("page") ?? 1);
    if (!Number.isInteger(at) || at < 1) throw new AppError("bad-query", "page is a whole number from 1.");
    await write(request, response, at);
  });
  router.post("/subscriptions/:id/test", async (request, response) => {
    const { id } = request.params;
    const outcome = await registry.subscriptions.test(askedBy(response, "page"), id);
    await write(request, response, 1, { id, ...outcome });
  });
  router.all("/subscriptions", refuseMethod("GET, HEAD", "only GET, HEAD is answered"));
  router.all("/subscriptions/:id/test", refuseMethod("POST", "only POST is answered"));
  return router;
}
