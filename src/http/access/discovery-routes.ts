import { Router } from "express";
import { AppError } from "../../core/errors.ts";
import { writeBytes } from "../answers/write.ts";
import type { Served } from "../served.ts";

/** How apps find the way in. Always JSON, whatever the client asks for (SMART App Launch 2.2, conformance). */
export function discoveryRoutes({ door }: Pick<Served, "door">): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.get("/fhir/.well-known/smart-configuration", async (_request, response) => {
    const configuration = await door.smartConfiguration();
    if (!configuration) throw new AppError("not-found", "Nobody signs in here, so that there is no SMART configuration.");
    response.setHeader("Cache-Control", "no-cache");
    writeBytes(response, `${JSON.stringify(configuration, undefined, 2)}\n`, "application/json");
  });
  return router;
}
