/** What can be moved from thread to thread instead of copied. */

/** Smaller buffers are copied: that is as quick as to move them. */
const LEAST_MOVED = 64_000;
const MOST_LOOKED_AT = 32;

/** The buffers of byte arrays in plain data that have one of their own, so that they can be moved. Looks three levels deep: results hold their bytes near the top. */
export function buffersIn(value: unknown, depth = 3): ArrayBuffer[] {
  if (value instanceof Uint8Array) return canMove(value) ? [value.buffer] : [];
  if (typeof value !== "object" || value === null || depth === 0) return [];
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype) return [];
  return Object.values(value)
    .slice(0, MOST_LOOKED_AT)
    .flatMap((held) => buffersIn(held, depth - 1));
}

function canMove(bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength && bytes.byteLength >= LEAST_MOVED;
}
