import { Router } from "express";
import { AppError } from "../../core/errors.ts";
import { allowThread } from "../answers/headers.ts";
import { writeBytes } from "../answers/write.ts";
import type { Served } from "../served.ts";

const FOREVER = "public, max-age=31536000, immutable";

/** Styles, fonts and scripts of the pages: their names change with what is in them. */
export function assetRoutes(served: Pick<Served, "pages" | "openings">): Router {
  const { pages } = served;
  const router = Router({ caseSensitive: true, strict: true });
  router.get("/assets/*name", async (request, response) => {
    const verifier = request.path.endsWith(".js") ? await pages.verifier() : undefined;
    const isVerifier = verifier?.path === request.path;
    const asset = isVerifier ? verifier.asset : pages.assets.get(request.path);
    if (!asset) throw new AppError("not-found", "There is no such file.");
    const body = typeof asset.body === "string" ? asset.body : await served.openings.share(request.path, asset.body);
    response.setHeader("Cache-Control", FOREVER);
    if (isVerifier) allowThread(response);
    writeBytes(response, body, asset.contentType);
  });
  return router;
}
