import { Router } from "express";
import { AppError, ERROR_KINDS } from "../../core/errors.ts";
import type { Served } from "../served.ts";
import type { IssuerState } from "../../security/issuers/issuer.ts";
import type { DepositGate } from "../../pipeline/gate.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { writeBytes } from "../answers/write.ts";

/**
 * `/healthz`: the process answers. `/readyz`: it takes documents now (else 503, and why: it stops, its store is down, its log or clock is not what it was), and how many entries of the log searches do not
 * find whole yet. What will stand against documents soon (the seal's certificate ends) is told with it. With access control, issuers that do not answer are named; while nothing is known of any of them, nobody can come in.
 */
export function healthRoutes({ gate, searchLag, door }: Pick<Served, "gate" | "searchLag" | "door">, lifecycle: Lifecycle): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.get("/healthz", (_request, response) => {
    writeBytes(response, '{"status":"ok"}\n', "application/json");
  });
  router.get("/readyz", async (_request, response) => {
    const issuers = await door.issuers();
    const reason = (await unreadiness(gate, lifecycle)) ?? strangeness(issuers);
    response.status(reason === undefined ? 200 : 503);
    const silent = issuers.filter(({ silentSince }) => silentSince !== undefined).map(({ issuer, silentSince }) => ({ issuer, silentSince }));
    const warning = gate.warning();
    const body = {
      ...(reason === undefined ? { status: "ready", searchLag: await searchLag() } : { status: "not-ready", reason }),
      ...(warning !== undefined && { warning }),
      ...(silent.length > 0 && { silentIssuers: silent }),
    };
    writeBytes(response, `${JSON.stringify(body)}\n`, "application/json");
  });
  return router;
}

/** Why nobody can come in; undefined when somebody can. */
export function strangeness(issuers: readonly IssuerState[]): string | undefined {
  const isAnyKnown = issuers.length === 0 || issuers.some(({ isKnown }) => isKnown);
  return isAnyKnown ? undefined : "no issuer of access tokens can be reached, so that nobody can come in";
}

/** Why no document is taken now; undefined when documents are. */
export async function unreadiness(gate: Pick<DepositGate, "check">, lifecycle: Pick<Lifecycle, "isStopping">): Promise<string | undefined> {
  if (lifecycle.isStopping) return "the service is stopping";
  return gate.check().then(() => undefined, reasonOf);
}

function reasonOf(error: unknown): string {
  return error instanceof AppError && ERROR_KINDS[error.code].isPublic ? error.message : "something failed in the service";
}
