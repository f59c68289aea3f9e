import { request as requestPlain, type IncomingMessage } from "node:http";
import { request as requestTls } from "node:https";
import { boundedBytes } from "../../core/bounded-bytes.ts";
import { AppError } from "../../core/errors.ts";
import type { IssuerRequest } from "./issuer.ts";
import { ALLOW_NOTHING, guardedLookup, type CallbackAllow } from "./reach.ts";

/** How long an issuer may take, in milliseconds, and how much it may say, in bytes. */
const LONGEST = 5_000;
const LARGEST = 262_144;

/** Asks an issuer's addresses; whoever makes one says which are called (`guardedLookup`). */
export type Asking = (url: string, init?: IssuerRequest) => Promise<Response>;

/**
 * Asks an issuer: without following elsewhere, within bounds, and nothing in a private network but what the operator named.
 *
 * @param own the host that the operator named
 * @throws AppError `unavailable`, from what it gives; the address never stands in the message
 */
export function boundedFetch(own: string, allow: CallbackAllow = ALLOW_NOTHING): Asking {
  return async (url, init = {}) => {
    try {
      return await ask(new Request(url, { ...init, redirect: "manual" }), own, allow);
    } catch (cause) {
      throw cause instanceof AppError ? cause : new AppError("unavailable", "the issuer did not answer", { cause });
    }
  };
}

async function ask(asked: Request, own: string, allow: CallbackAllow): Promise<Response> {
  const url = new URL(asked.url);
  const options = {
    lookup: guardedLookup(url, own, allow),
    method: asked.method,
    headers: Object.fromEntries(asked.headers),
    signal: AbortSignal.timeout(LONGEST),
  };
  const sent = Buffer.from(await asked.arrayBuffer());
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = (url.protocol === "https:" ? requestTls : requestPlain)(url, options, resolve);
    request.once("error", reject).end(sent);
  });
  const bytes = await boundedBytes(answer, LARGEST, "the issuer says more than anybody needs");
  const status = answer.statusCode ?? 0;
  const headers = Object.entries(answer.headersDistinct).flatMap(([name, values = []]) => values.map((value): [string, string] => [name, value]));
  return new Response([101, 204, 205, 304].includes(status) ? null : bytes, { status, headers });
}

/** A JSON object that is published at an address. AppError `unavailable` */
export async function fetchJson(url: string, asking: Asking): Promise<Readonly<Record<string, unknown>>> {
  const answer = await asking(url, { headers: { accept: "application/json" } });
  if (answer.status !== 200) throw new AppError("unavailable", `the issuer answered ${answer.status}`);
  const value: unknown = await answer.json().catch(() => undefined);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new AppError("unavailable", "the issuer did not answer with a JSON object");
  return value as Readonly<Record<string, unknown>>;
}
