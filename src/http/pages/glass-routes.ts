import { Router, type Request, type Response } from "express";
import { AppError } from "../../core/errors.ts";
import type { GlassForm } from "../../interactions/glass/glass.ts";
import { GLASS_REASONS, LONGEST_REASON, SHORTEST_REASON } from "../../security/glass/broken-glass.ts";
import { fieldsOf, readForm } from "../accounts/account-form.ts";
import { queryOf, wholeQueryOf } from "../fhir/preferences.ts";
import { askedBy, fromOf } from "../request-facts.ts";
import type { Served } from "../served.ts";
import { localeOf } from "./locale.ts";
import { refuseMethod } from "./viewer-routes.ts";
import { seeOther, writePage } from "./write-view.ts";

/** Of a list of broken glass on one page. */
const PAGE = 50;
const NOTHING_TYPED: GlassForm = { system: "", value: "", document: "", reason: "", text: "" };

/** Where people break the glass and end it, and where those responsible see what was broken. A form is taken from our own pages alone, as of every session (access/gate.ts). */
export function glassRoutes({ served }: { readonly served: Served }): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const { pages } = served;
  const { glass } = served.registry;
  const writeForm = async (request: Request, response: Response, typed: GlassForm, fault?: string): Promise<void> => {
    const { systems, minutes } = await glass.offered(askedBy(response, "page"));
    const textLengths = { shortest: SHORTEST_REASON, longest: LONGEST_REASON };
    const shown = { kind: "form", systems, minutes, reasons: GLASS_REASONS, typed, textLengths, fault } as const;
    response.vary("Accept-Language");
    writePage(response, pages.glass(shown, { locale: localeOf(request) }), served, { isMixed: true });
  };

  router.get("/glass", async (request, response) => {
    const document = queryOf(request, ["document"]).get("document") ?? "";
    await writeForm(request, response, { ...NOTHING_TYPED, document });
  });
  router.post("/glass", ...readForm, async (request: Request, response: Response) => {
    const asked = askedBy(response, "page");
    const field = fieldsOf(request);
    const typed = Object.fromEntries(Object.keys(NOTHING_TYPED).map((name) => [name, field(name) ?? ""])) as unknown as GlassForm;
    const broken = await glass.breakIt(asked, typed, fromOf(request, response));
    if (typeof broken === "string") {
      response.status(broken === "nothing" ? 404 : 422);
      return writeForm(request, response, typed, broken);
    }
    const document = broken.patient.documents[0] ?? (typed.value.trim() === "" ? broken.named : undefined);
    seeOther(response, document === undefined ? `/patients/${broken.about}` : `/documents/${document}`, served);
  });
  router.post("/glass/:id/end", async (request, response) => {
    await glass.end(askedBy(response, "page"), request.params.id, fromOf(request, response));
    seeOther(response, "/", served);
  });
  router.get("/audit/glass", async (request, response) => {
    const at = Number(wholeQueryOf(request, ["page"]).get("page") ?? 1);
    if (!Number.isInteger(at) || at < 1) throw new AppError("bad-query", "page is a whole number from 1.");
    const all = await glass.list(askedBy(response, "page"));
    const shown = all.slice((at - 1) * PAGE, at * PAGE);
    const next = all.length > at * PAGE ? String(at + 1) : undefined;
    response.vary("Accept-Language");
    writePage(response, pages.glass({ kind: "list", glass: shown, next }, { locale: localeOf(request) }), served);
  });
  router.all("/glass", refuseMethod("GET, HEAD, POST", "only GET, HEAD, POST is answered"));
  router.all("/glass/:id/end", refuseMethod("POST", "only POST is answered"));
  router.all("/audit/glass", refuseMethod("GET, HEAD", "only GET, HEAD is answered"));
  return router;
}
