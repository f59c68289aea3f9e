import { Router } from "express";
import { AppError } from "../../core/errors.ts";
import { writeBytes } from "../answers/write.ts";
import { localeOf } from "../pages/locale.ts";
import { refuseMethod } from "../pages/viewer-routes.ts";
import { writePage } from "../pages/write-view.ts";
import type { Served } from "../served.ts";

/** Keys change while the service runs, seldom. */
const A_WHILE = "public, max-age=300";

/** By which keys the repository is checked: for programs, and for people. */
export function keyRoutes(served: Pick<Served, "registry" | "pages" | "baseUrl">): Router {
  const { keys } = served.registry;
  const router = Router({ caseSensitive: true, strict: true });
  router.get("/.well-known/jwks.json", (_request, response) => {
    response.setHeader("Cache-Control", A_WHILE);
    writeBytes(response, keys.keySet(), "application/jwk-set+json");
  });
  router.get("/certificates", (request, response) => {
    response.vary("Accept-Language");
    writePage(response, served.pages.keys(keys.shown(), { locale: localeOf(request) }), served);
  });
  router.get("/certificates/:file", (request, response) => {
    const { file: name } = request.params;
    const file = keys.file(name);
    if (file === undefined) throw new AppError("not-found", "There is no such certificate: /certificates lists them.");
    response.setHeader("Cache-Control", A_WHILE);
    response.setHeader("Content-Disposition", `attachment; filename="${name}"`);
    writeBytes(response, file.bytes, file.contentType);
  });
  router.all(["/.well-known/jwks.json", "/certificates", "/certificates/:file"], refuseMethod("GET, HEAD", "keys are read only"));
  return router;
}
