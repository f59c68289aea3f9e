import type { Response } from "express";
import { HTTP_LIMITS } from "../bounds/limits.ts";
import { taken } from "./taken.ts";

/** Writes an answer in pieces, as fast as it is taken. What fails before the first is thrown; later, or where nothing is taken any more, the connection is cut: what came is not taken for the whole. */
export async function writePieces(response: Response, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  try {
    for await (const piece of pieces) {
      if (gone.signal.aborted) return;
      if (!response.write(piece) && !(await taken(response, HTTP_LIMITS.responseStall, gone.signal))) return void response.destroy();
    }
    response.end();
  } catch (error) {
    if (!response.headersSent) throw error;
    response.destroy();
  }
}
