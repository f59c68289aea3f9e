import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { Response } from "express";

const gzipped = promisify(gzip);
const brotlied = promisify(brotliCompress);

/** The content codings that we make, best first (RFC 9110 section 8.4.1). */
const CODINGS = ["br", "gzip"] as const;
export type Coding = (typeof CODINGS)[number];

/** Shorter answers gain nothing. */
const LEAST = 1_024;
/** Longer ones are compressed quickly rather than well. */
const LONG = 1_000_000;

/** What is text; PDFs, fonts and the log's hashes are as short as they get. */
const TEXT = /^(?:text\/|application\/(?:[\w.-]+\+)?(?:json|xml)\b)/;

/**
 * The coding for an answer of `length` bytes whose Content-Type is set; undefined: as it is. Says in Vary that it was asked.
 */
export function compressible(response: Response, length: number): Coding | undefined {
  const type = response.getHeader("Content-Type");
  if (length < LEAST || typeof type !== "string" || !TEXT.test(type)) return undefined;
  response.vary("Accept-Encoding");
  return codingFor(response.req.get("Accept-Encoding"));
}

/** The coding of ours that a client likes best; none when it does not say that it reads any. */
export function codingFor(header: string | undefined): Coding | undefined {
  const weights = new Map(
    (header ?? "").split(",").flatMap((part) => {
      const [, name, weight = "1"] = /^\s*([\w*-]+)\s*(?:;\s*q=([\d.]+))?\s*$/i.exec(part) ?? [];
      return name === undefined ? [] : [[name.toLowerCase().replace(/^x-/, ""), Number(weight)] as const];
    }),
  );
  const weightOf = (coding: Coding): number => weights.get(coding) ?? weights.get("*") ?? 0;
  const [best] = CODINGS.toSorted((one, other) => weightOf(other) - weightOf(one));
  const identity = weights.get("identity") ?? 0;
  return best !== undefined && weightOf(best) > 0 && weightOf(best) >= identity ? best : undefined;
}

/** Compresses off the event loop. */
export function compress(bytes: Uint8Array, coding: Coding): Promise<Uint8Array> {
  const isLong = bytes.byteLength > LONG;
  if (coding === "gzip") return gzipped(bytes, { level: isLong ? 1 : 6 });
  const params = { [constants.BROTLI_PARAM_QUALITY]: isLong ? 1 : 4, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.byteLength };
  return brotlied(bytes, { params });
}
