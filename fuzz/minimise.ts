/**
 * A smaller input with the same fault: pieces are taken out, large ones first, as long as the fault stays (delta debugging, in its simplest form).
 * @param stays whether bytes still show the fault
 * @param milliseconds after which what has been reached is good enough
 */
export function minimise(bytes: Buffer, stays: (bytes: Buffer) => boolean, milliseconds = 3000): Buffer {
  const deadline = Date.now() + milliseconds;
  let smallest = bytes;
  for (let size = Math.ceil(bytes.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < smallest.length;) {
      if (Date.now() > deadline) return smallest;
      const without = Buffer.concat([smallest.subarray(0, at), smallest.subarray(at + size)]);
      if (stays(without)) smallest = without;
      else at += size;
    }
  }
  return smallest;
}
