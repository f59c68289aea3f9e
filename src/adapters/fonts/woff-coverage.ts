import { promisify } from "node:util";
import { inflate } from "node:zlib";

const inflated = promisify(inflate);

const WOFF = 0x774f4646;
const CMAP = 0x636d6170;
const HEADER_SIZE = 44;
const ENTRY_SIZE = 20;

/**
 * The characters that a font really has glyphs for: the tables of the packages claim more. Reads the `cmap` of a WOFF file (WOFF 1.0, sections 3 to 5; OpenType
 * `cmap` formats 4 and 12, which are what our fonts use).
 */
export async function woffCoverage(file: Buffer): Promise<ReadonlySet<number>> {
  if (file.readUInt32BE(0) !== WOFF) throw new Error("not a WOFF file");
  const count = file.readUInt16BE(12);
  for (let entry = HEADER_SIZE; entry < HEADER_SIZE + count * ENTRY_SIZE; entry += ENTRY_SIZE) {
    if (file.readUInt32BE(entry) !== CMAP) continue;
    const offset = file.readUInt32BE(entry + 4);
    const stored = file.subarray(offset, offset + file.readUInt32BE(entry + 8));
    const isPlain = stored.length === file.readUInt32BE(entry + 12);
    return readCmap(isPlain ? stored : await inflated(stored));
  }
  return new Set();
}

function readCmap(cmap: Buffer): Set<number> {
  const characters = new Set<number>();
  for (let index = 0; index < cmap.readUInt16BE(2); index++) {
    const table = cmap.subarray(cmap.readUInt32BE(4 + index * 8 + 4));
    const format = table.readUInt16BE(0);
    if (format === 4) readSegments(table, characters);
    else if (format === 12) readGroups(table, characters);
  }
  return characters;
}

/** Format 4: segments of the basic plane, each with a delta or an offset into an array of glyphs. */
function readSegments(table: Buffer, characters: Set<number>): void {
  const doubled = table.readUInt16BE(6);
  for (let segment = 0; segment < doubled; segment += 2) {
    const last = table.readUInt16BE(14 + segment);
    const first = table.readUInt16BE(16 + doubled + segment);
    const delta = table.readUInt16BE(16 + doubled * 2 + segment);
    const offsetAt = 16 + doubled * 3 + segment;
    const offset = table.readUInt16BE(offsetAt);
    for (let character = first; character <= last && character < 0xffff; character++) {
      const glyph = offset === 0 ? character : table.readUInt16BE(offsetAt + offset + (character - first) * 2);
      const isMissing = offset === 0 ? ((glyph + delta) & 0xffff) === 0 : glyph === 0;
      if (!isMissing) characters.add(character);
    }
  }
}

/** Format 12: groups of characters in every plane. */
function readGroups(table: Buffer, characters: Set<number>): void {
  const count = table.readUInt32BE(12);
  for (let group = 16; group < 16 + count * 12; group += 12) {
    const last = table.readUInt32BE(group + 4);
    for (let character = table.readUInt32BE(group); character <= last; character++) characters.add(character);
  }
}
