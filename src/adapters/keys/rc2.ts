/** RC2 in CBC mode (RFC 2268), for reading alone: in older PKCS #12 files it hides certificates, which are public. OpenSSL, and so Node, has it no more. */
const TABLE = Buffer.from(
  "d978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2179a59f587b34f1361456d8d09817d32bd8f40eb86b77b0bf09521225c6b4e82" +
    "54d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb6266fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed7" +
    "08e8eade8052eef784aa72ac354d6a2a961ad2715a1549744b9fd05e0418a4ecc2e0416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b25559731" +
    "2d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a90d38341bab33ffb0bb480c5fb9b1cd2ec5f3db47e5a59c770aa62068fe7fc1ad",
  "hex",
);
const BLOCK = 8;
const TURNS = [1, 2, 3, 5] as const;

/** What a text says, without its padding (RFC 8018 section 6.1.1); undefined when the padding is none. @param bits how many of the key count */
export function decryptRc2(encrypted: Uint8Array, key: Uint8Array, bits: number, vector: Uint8Array): Uint8Array | undefined {
  if (encrypted.length === 0 || encrypted.length % BLOCK !== 0) return undefined;
  const words = expand(key, bits);
  const plain = new Uint8Array(encrypted.length);
  let before = vector;
  for (let at = 0; at < encrypted.length; at += BLOCK) {
    const block = encrypted.subarray(at, at + BLOCK);
    plain.set(
      decryptBlock(block, words).map((byte, place) => byte ^ (before[place] ?? 0)),
      at,
    );
    before = block;
  }
  const padding = plain.at(-1) ?? 0;
  const isPadded = padding >= 1 && padding <= BLOCK && plain.subarray(-padding).every((byte) => byte === padding);
  return isPadded ? plain.subarray(0, -padding) : undefined;
}

/** Section 2: 64 words from the key. */
function expand(key: Uint8Array, bits: number): Uint16Array {
  const bytes = new Uint8Array(128);
  bytes.set(key);
  const length = Math.ceil(bits / 8);
  const mask = 255 >> (8 * length - bits);
  const at = (place: number): number => bytes[place] ?? 0;
  const substituted = (value: number): number => TABLE[value & 255] ?? 0;
  for (let place = key.length; place < 128; place += 1) bytes[place] = substituted(at(place - 1) + at(place - key.length));
  bytes[128 - length] = substituted(at(128 - length) & mask);
  for (let place = 127 - length; place >= 0; place -= 1) bytes[place] = substituted(at(place + 1) ^ at(place + length));
  return Uint16Array.from({ length: 64 }, (_, place) => at(2 * place) + 256 * at(2 * place + 1));
}

/** Section 4. */
function decryptBlock(block: Uint8Array, words: Uint16Array): Uint8Array {
  const r = Uint16Array.from({ length: 4 }, (_, place) => (block[2 * place] ?? 0) + 256 * (block[2 * place + 1] ?? 0));
  const at = (place: number): number => r[(place + 4) % 4] ?? 0;
  let next = 63;
  const mix = (): void => {
    for (let place = 3; place >= 0; place -= 1) {
      const turn = TURNS[place] ?? 0;
      const value = at(place);
      const turned = ((value >> turn) | (value << (16 - turn))) & 0xffff;
      r[place] = turned - (words[next] ?? 0) - (at(place - 1) & at(place - 2)) - (~at(place - 1) & at(place - 3));
      next -= 1;
    }
  };
  const mash = (): void => {
    for (let place = 3; place >= 0; place -= 1) r[place] = at(place) - (words[at(place - 1) & 63] ?? 0);
  };
  for (const rounds of [5, 6, 5]) {
    for (let round = 0; round < rounds; round += 1) mix();
    if (next >= 0) mash();
  }
  return Uint8Array.from({ length: BLOCK }, (_, place) => (place % 2 === 0 ? at(place >> 1) & 255 : at(place >> 1) >> 8));
}
