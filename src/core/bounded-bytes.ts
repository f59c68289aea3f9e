import { AppError } from "./errors.ts";

/** All that a stranger's answer says, where it is no more than `most` bytes. AppError `unavailable` with the complaint as soon as it is more: nothing beyond is held. */
export async function boundedBytes(pieces: AsyncIterable<Uint8Array>, most: number, complaint: string): Promise<Uint8Array<ArrayBuffer>> {
  const taken: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces) {
    size += piece.byteLength;
    if (size > most) throw new AppError("unavailable", complaint);
    taken.push(piece);
  }
  return Uint8Array.from(Buffer.concat(taken));
}
