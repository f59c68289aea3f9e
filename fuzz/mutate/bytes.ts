/** Mutations that know nothing of what the bytes mean. */
import type { Random } from "../random.ts";

const BYTES = [0x00, 0x0a, 0x0d, 0x20, 0x22, 0x26, 0x3c, 0x5c, 0x7b, 0x7d, 0x7f, 0x80, 0xbf, 0xc0, 0xc3, 0xed, 0xef, 0xf0, 0xf4, 0xfe, 0xff];

/** One small change: bytes deleted, doubled, flipped, replaced, moved, or the end cut off. */
export function mutateBytes(bytes: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length);
  const end = Math.min(bytes.length, at + 1 + random.below(random.once(4) ? 400 : 8));
  switch (random.below(7)) {
    case 0:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)]);
    case 1:
      return Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)]);
    case 2: {
      const copy = Buffer.from(bytes);
      copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8));
      return copy;
    }
    case 3:
      return Buffer.concat([bytes.subarray(0, at), Buffer.from([random.pick(BYTES)]), bytes.subarray(at)]);
    case 4: {
      const copy = Buffer.from(bytes);
      copy[at] = random.pick(BYTES);
      return copy;
    }
    case 5: {
      const to = random.below(bytes.length);
      return Buffer.concat([bytes.subarray(0, to), bytes.subarray(at, end), bytes.subarray(to)]);
    }
    default:
      return bytes.subarray(0, at);
  }
}
