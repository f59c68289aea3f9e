import { Router } from "express";
import { AppError } from "../../core/errors.ts";
import type { LogInteractions } from "../../interactions/log/read-log.ts";
import { queryOf } from "../fhir/preferences.ts";
import { writeBytes } from "../answers/write.ts";

const TEXT = "text/plain; charset=utf-8";
/** A tile never changes, nor does a proof between two trees; nothing in them is about a patient. */
const FOREVER = "public, max-age=31536000, immutable";

/** What auditors read: the log as C2SP tlog-tiles, and the keys that it is checked with. */
export function logRoutes(log: LogInteractions): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.get("/trust.json", async (_request, response) => {
    response.setHeader("Cache-Control", "no-cache");
    writeBytes(response, await log.trust(), "application/json; charset=utf-8");
  });
  router.get("/log/checkpoint", async (_request, response) => {
    response.setHeader("Cache-Control", "no-cache");
    writeBytes(response, await log.checkpoint(), TEXT);
  });
  router.get("/log/consistency", async (request, response) => {
    const query = queryOf(request, ["old", "size"]);
    const proof = await log.consistency(countIn(query, "old"), countIn(query, "size"));
    if (proof === undefined) throw new AppError("not-found", "The log has no such trees.");
    response.setHeader("Cache-Control", FOREVER);
    writeBytes(response, proof, TEXT);
  });
  router.get("/log/tile/*place", async (request, response) => {
    const place = request.params["place"];
    const tile = await log.tile(Array.isArray(place) ? place.join("/") : String(place));
    if (!tile) throw new AppError("not-found", "The log has no such tile (C2SP tlog-tiles).");
    // One that is not full never changes either: it is that of a smaller tree.
    response.setHeader("Cache-Control", FOREVER);
    writeBytes(response, tile.bytes, "application/octet-stream");
  });
  return router;
}

function countIn(query: URLSearchParams, name: string): number {
  const text = query.get(name) ?? "";
  if (!/^(?:0|[1-9]\d{0,14})$/.test(text)) throw new AppError("bad-query", `${name} must be a number of entries, as in ?old=3&size=7.`);
  return Number(text);
}
