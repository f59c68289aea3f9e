import { AppError } from "../../core/errors.ts";
import type { IssuerRequest } from "./issuer.ts";

/** How long an issuer may take, in milliseconds, and how much it may say, in bytes. */
const LONGEST = 5_000;
const LARGEST = 262_144;

/** Asks an issuer: without following elsewhere, within bounds. AppError `unavailable`; the address never stands in the message. */
export async function boundedFetch(url: string, init: IssuerRequest = {}): Promise<Response> {
  try {
    const answer = await fetch(url, { ...init, redirect: "manual", signal: AbortSignal.timeout(LONGEST) });
    const bytes = await bodyOf(answer);
    const hasBody = ![101, 204, 205, 304].includes(answer.status);
    return new Response(hasBody ? bytes : null, { status: answer.status, headers: answer.headers });
  } catch (cause) {
    throw cause instanceof AppError ? cause : new AppError("unavailable", "the issuer did not answer", { cause });
  }
}

async function bodyOf(answer: Response): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of (answer.body ?? []) as AsyncIterable<Uint8Array>) {
    size += piece.byteLength;
    if (size > LARGEST) throw new AppError("unavailable", "the issuer says more than anybody needs");
    pieces.push(piece);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.byteLength;
  }
  return bytes;
}

/** A JSON object that is published at an address. AppError `unavailable` */
export async function fetchJson(url: string): Promise<Readonly<Record<string, unknown>>> {
  const answer = await boundedFetch(url, { headers: { accept: "application/json" } });
  if (answer.status !== 200) throw new AppError("unavailable", `the issuer answered ${answer.status}`);
  const value: unknown = await answer.json().catch(() => undefined);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new AppError("unavailable", "the issuer did not answer with a JSON object");
  return value as Readonly<Record<string, unknown>>;
}
