import type { IncomingMessage, ServerResponse } from "node:http";
import type { RequestHandler, Response } from "express";
import { AppError } from "../../core/errors.ts";
import type { ByteBudget } from "../bodies/byte-budget.ts";
import { compress, compressible, type Coding } from "./compression.ts";
import type { HttpLimits } from "../bounds/limits.ts";
import { LOOK, StallClock } from "../bodies/stall-clock.ts";

/** What answers are written with. */
export interface DeliveryOptions {
  /** Of answers that wait to be taken; the same bytes given to several count once. */
  readonly answers: ByteBudget;
  readonly limits: HttpLimits;
}

const KEY = "delivery";

/** Gives every answer what it is written with. */
export function deliverAnswers(options: DeliveryOptions): RequestHandler {
  return (_request, response, next) => {
    response.locals[KEY] = options;
    response.once("prefinish", () => watch(response, options.limits, 0));
    next();
  };
}

/**
 * Sends a whole body: compressed when the client asks for it and `mayCompress`, large ones piece by piece as the client takes them. HEAD gets the headers alone. An answer
 * that was given already (by a time limit) stays.
 *
 * @throws AppError `unavailable` when too much waits to be taken by slow readers.
 */
export function deliver(response: Response, bytes: Uint8Array, { mayCompress }: { readonly mayCompress: boolean }): void {
  if (response.headersSent || response.writableEnded) return;
  const options = response.locals[KEY] as DeliveryOptions | undefined;
  const coding = mayCompress ? compressible(response, bytes.byteLength) : undefined;
  if (coding) response.setHeader("Content-Encoding", coding);
  if (response.req.method === "HEAD") {
    if (!coding) response.setHeader("Content-Length", bytes.byteLength);
    return void response.end();
  }
  if (options) holdWhileSending(response, bytes, options);
  if (coding) void sendCompressed(response, { bytes, coding, limits: options?.limits });
  else sendWhole(response, bytes, options?.limits);
}

function holdWhileSending(response: Response, bytes: Uint8Array, { answers, limits }: DeliveryOptions): void {
  if (bytes.byteLength <= limits.piece) return;
  const hold = answers.share(bytes, bytes.byteLength);
  if (!hold) {
    response.removeHeader("Content-Encoding");
    throw new AppError("unavailable", "Too many large answers wait for slow readers; try again in a moment.", { retryAfter: 5 });
  }
  response.once("close", () => hold.release());
}

interface Compressing {
  readonly bytes: Uint8Array;
  readonly coding: Coding;
  readonly limits: HttpLimits | undefined;
}

async function sendCompressed(response: ServerResponse, { bytes, coding, limits }: Compressing): Promise<void> {
  try {
    const compressed = await compress(bytes, coding);
    if (!response.headersSent && !response.destroyed) sendWhole(response, compressed, limits);
  } catch {
    response.destroy();
  }
}

function sendWhole(response: ServerResponse, bytes: Uint8Array, limits: HttpLimits | undefined): void {
  response.setHeader("Content-Length", bytes.byteLength);
  if (!limits || bytes.byteLength <= limits.piece) return void response.end(bytes);
  watch(response, limits, bytes.byteLength);
  let at = 0;
  const go = (): void => {
    while (at + limits.piece < bytes.byteLength) {
      const isTaken = response.write(bytes.subarray(at, at + limits.piece));
      at += limits.piece;
      if (!isTaken) return void response.once("drain", go);
      if (response.destroyed) return;
    }
    response.end(bytes.subarray(at));
  };
  go();
}

/** Cuts a connection whose reader takes nothing, or too little: what waits for it is held in memory. */
function watch(response: ServerResponse & { readonly req: IncomingMessage }, limits: HttpLimits, bytes: number): void {
  const { socket } = response.req;
  // An answer to somebody who has gone has no end to wait for.
  if (response.destroyed || socket.destroyed) return;
  const begun = performance.now();
  const clock = new StallClock();
  const onDrain = (): void => clock.progress();
  const timer = setInterval(
    () => {
      const isLate = clock.silence() > limits.responseStall || performance.now() - begun > limits.response + (bytes / limits.responseRate) * 1000;
      if (isLate) socket.destroy();
    },
    Math.min(LOOK, limits.responseStall / 2),
  );
  response.on("drain", onDrain);
  response.once("close", () => clearInterval(timer));
}
