import { Router } from "express";
import { AppError } from "../../core/errors.ts";
import type { LogInteractions } from "../../interactions/log/read-log.ts";
import { writeBytes } from "../answers/write.ts";

const TEXT = "text/plain; charset=utf-8";
/** A full tile never changes; nothing in it is about a patient. */
const FOREVER = "public, max-age=31536000, immutable";

/** What auditors read: the log as C2SP tlog-tiles, and the keys that it is checked with. */
export function logRoutes(log: LogInteractions): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.get("/trust.json", (_request, response) => {
    response.setHeader("Cache-Control", "no-cache");
    writeBytes(response, log.trust(), "application/json; charset=utf-8");
  });
  router.get("/log/checkpoint", async (_request, response) => {
    response.setHeader("Cache-Control", "no-cache");
    writeBytes(response, await log.checkpoint(), TEXT);
  });
  router.get("/log/tile/*place", async (request, response) => {
    const place = request.params["place"];
    const tile = await log.tile(Array.isArray(place) ? place.join("/") : String(place));
    if (!tile) throw new AppError("not-found", "The log has no such tile (C2SP tlog-tiles).");
    if (tile.isFull) response.setHeader("Cache-Control", FOREVER);
    writeBytes(response, tile.bytes, "application/octet-stream");
  });
  return router;
}
