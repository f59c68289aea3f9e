import { Router } from "express";
import { AppError } from "../../core/errors.ts";
import type { Asset } from "../../pipeline/render/pages/web-fonts.ts";
import { writeBytes } from "../answers/write.ts";
import type { Served } from "../served.ts";

const FOREVER = "public, max-age=31536000, immutable";

/** Styles, fonts and scripts of the pages: their names change with what is in them. */
export function assetRoutes(served: Pick<Served, "pages" | "openings">): Router {
  const { pages } = served;
  const router = Router({ caseSensitive: true, strict: true });
  router.get("/assets/*name", async (request, response) => {
    const asset = pages.assets.get(request.path) ?? (await verifierAt(request.path, pages));
    if (!asset) throw new AppError("not-found", "There is no such file.");
    const body = typeof asset.body === "string" ? asset.body : await served.openings.share(request.path, asset.body);
    response.setHeader("Cache-Control", FOREVER);
    writeBytes(response, body, asset.contentType);
  });
  return router;
}

/** The script of the verifier, where that is its path. */
async function verifierAt(path: string, pages: Served["pages"]): Promise<Asset | undefined> {
  if (!path.endsWith(".js")) return undefined;
  const verifier = await pages.verifier();
  return verifier?.path === path ? verifier.asset : undefined;
}
