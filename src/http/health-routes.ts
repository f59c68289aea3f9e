import { Router } from "express";
import type { DocumentStore } from "../pipeline/store/document-store.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { writeBytes } from "./write.ts";

/** `/healthz`: the process answers. `/readyz`: it takes work now (503 while it stops or its store is down). */
export function healthRoutes(store: Pick<DocumentStore, "check">, lifecycle: Lifecycle): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.get("/healthz", (_request, response) => {
    writeBytes(response, '{"status":"ok"}\n', "application/json");
  });
  router.get("/readyz", async (_request, response) => {
    const isWell = await isReady(store, lifecycle);
    response.status(isWell ? 200 : 503);
    writeBytes(response, `{"status":"${isWell ? "ready" : "not-ready"}"}\n`, "application/json");
  });
  return router;
}

/** Whether work is taken now. */
export async function isReady(store: Pick<DocumentStore, "check">, lifecycle: Lifecycle): Promise<boolean> {
  if (lifecycle.isStopping) return false;
  return store.check().then(
    () => true,
    () => false,
  );
}
