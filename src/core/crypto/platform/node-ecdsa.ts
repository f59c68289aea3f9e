import { verify, type KeyObject } from "node:crypto";

/**
 * Whether a value of ECDSA is that of a key. The numbers r and s stand one behind the other, each in its full length. They are handed to Node as DER, beside the bare key: of an object with options it finds out by
 * an error, with its stack, that it is no key, and it asks the curve how long numbers are; both take half as long again as the sum itself.
 *
 * @param hash by Node's name
 */
export function verifyNumbers(hash: string, input: Uint8Array, key: KeyObject, numbers: Uint8Array): boolean {
  const half = numbers.length >> 1;
  return verify(hash, input, key, sequenceOf(numberOf(numbers.subarray(0, half)), numberOf(numbers.subarray(half))));
}

/** A number as DER has it: no more zeros before it than keep it from being negative. */
function numberOf(bytes: Uint8Array): Uint8Array {
  let from = 0;
  while (from < bytes.length - 1 && bytes[from] === 0) from++;
  const isHigh = (bytes[from] ?? 0) >= 0x80;
  const number = new Uint8Array(2 + (isHigh ? 1 : 0) + bytes.length - from);
  number[0] = 0x02;
  number[1] = number.length - 2;
  number.set(bytes.subarray(from), isHigh ? 3 : 2);
  return number;
}

function sequenceOf(one: Uint8Array, other: Uint8Array): Uint8Array {
  const length = one.length + other.length;
  const head = length < 0x80 ? [0x30, length] : [0x30, 0x81, length];
  const sequence = new Uint8Array(head.length + length);
  sequence.set(head);
  sequence.set(one, head.length);
  sequence.set(other, head.length + one.length);
  return sequence;
}
