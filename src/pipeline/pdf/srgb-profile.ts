/**
 * The colour profile of sRGB (IEC 61966-2-1), written from its numbers in the form of ICC.1:2001-04 (version 2.4): what `DeviceRGB` means in our PDFs. PDF/A wants the
 * meaning of colours to be in the file.
 */

/** XYZ of D50, the profile connection space, and of the primaries adapted to it (Bradford). */
const WHITE = [0.9642, 1, 0.8249];
const PRIMARIES = { rXYZ: [0.43607, 0.22249, 0.01392], gXYZ: [0.38515, 0.71687, 0.09708], bXYZ: [0.14307, 0.06061, 0.7141] } as const;

/** Points of the curve from values to light. */
const POINTS = 1_024;

const HEADER = 128;
const NAME = "sRGB IEC61966-2.1";

export function srgbProfile(): Uint8Array {
  const curve = curveTag();
  const tags: readonly (readonly [string, Uint8Array])[] = [
    ["desc", descriptionTag(NAME)],
    ["cprt", textTag("No copyright, use freely")],
    ["wtpt", xyzTag(WHITE)],
    ...Object.entries(PRIMARIES).map(([name, xyz]) => [name, xyzTag(xyz)] as const),
    ["rTRC", curve],
    ["gTRC", curve],
    ["bTRC", curve],
  ];
  const table = Buffer.alloc(4 + tags.length * 12);
  table.writeUInt32BE(tags.length);
  const bodies = new Map<Uint8Array, number>();
  let end = HEADER + table.length;
  tags.forEach(([name, body], index) => {
    // One curve serves all three.
    const at = bodies.get(body) ?? end;
    if (!bodies.has(body)) {
      bodies.set(body, at);
      end += body.length;
    }
    const row = 4 + index * 12;
    table.write(name, row, "latin1");
    table.writeUInt32BE(at, row + 4);
    table.writeUInt32BE(body.length, row + 8);
  });
  return new Uint8Array(Buffer.concat([header(end), table, ...bodies.keys()]));
}

/** Section 6.1: a display profile; nothing in it tells when or where it was made. */
function header(length: number): Uint8Array {
  const made = Buffer.alloc(HEADER);
  made.writeUInt32BE(length, 0);
  made.writeUInt32BE(0x02400000, 8);
  made.write("mntrRGB XYZ ", 12, "latin1");
  [2026, 1, 1].forEach((number, at) => made.writeUInt16BE(number, 24 + at * 2));
  made.write("acsp", 36, "latin1");
  WHITE.forEach((number, at) => made.writeInt32BE(fixed(number), 68 + at * 4));
  return made;
}

function xyzTag(xyz: readonly number[]): Uint8Array {
  const made = Buffer.alloc(20);
  made.write("XYZ ", 0, "latin1");
  xyz.forEach((number, at) => made.writeInt32BE(fixed(number), 8 + at * 4));
  return made;
}

/** IEC 61966-2-1 section 5.2. */
function curveTag(): Uint8Array {
  const made = Buffer.alloc(12 + POINTS * 2);
  made.write("curv", 0, "latin1");
  made.writeUInt32BE(POINTS, 8);
  for (let point = 0; point < POINTS; point += 1) {
    const value = point / (POINTS - 1);
    const light = value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    made.writeUInt16BE(Math.round(light * 65_535), 12 + point * 2);
  }
  return made;
}

function textTag(text: string): Uint8Array {
  return padded(Buffer.from(`text\0\0\0\0${text}\0`, "latin1"));
}

/** With empty Unicode and Macintosh parts. */
function descriptionTag(text: string): Uint8Array {
  const made = Buffer.alloc(12 + text.length + 1 + 78);
  made.write("desc", 0, "latin1");
  made.writeUInt32BE(text.length + 1, 8);
  made.write(text, 12, "latin1");
  return padded(made);
}

/** Tags begin at multiples of four. */
function padded(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}

/** s15Fixed16Number. */
function fixed(number: number): number {
  return Math.round(number * 65_536);
}
