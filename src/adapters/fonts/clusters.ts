import { type FontBlock, type FontShelf, mayHave } from "./font-shelf.ts";

/** Joins with whatever stands beside it, and must come from the same font: marks, joiners, the skin of a person drawn. */
export const JOINING = /[\p{M}\p{Emoji_Modifier}\u200c\u200d]/u;

/** Drawn by no glyph: controls, format characters, line ends, variation selectors. */
export const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Variation_Selector}\u034f\u115f\u1160\u3164]/u;

/** A letter, digit or picture with what joins it: x̅, 1️⃣, a thumb of some skin, a person with a profession. */
const CLUSTER = /[\p{L}\p{N}#*\p{Extended_Pictographic}](?:[\p{M}\p{Emoji_Modifier}\u200c\u200d]|(?<=\u200d)\p{Extended_Pictographic})+/gu;

/** The clusters of a text, each once. */
export function clustersOf(text: string): ReadonlySet<string> {
  return new Set(text.match(CLUSTER));
}

/** What the clusters need beyond a block for each of their characters. */
export interface Joints {
  /** Blocks that draw some cluster whole, which would be drawn by two; with the characters of those clusters. */
  readonly blocks: ReadonlyMap<FontBlock, readonly number[]>;
  /** What joins in clusters that no block draws whole. */
  readonly missing: readonly number[];
}

/**
 * A browser draws a cluster with one font. Where the letter's has not all of its marks, and the font of the marks not the letter, it draws boxes for both: so such a cluster gets a block that
 * has all of it, as it is written or composed (Unicode annex 15, NFC).
 *
 * @param chosen blocks with the characters that they are to draw; of others, each draws what no other does
 */
export async function jointsFor(
  clusters: ReadonlySet<string>,
  chosen: ReadonlyMap<FontBlock, readonly number[]>,
  blocks: readonly FontBlock[],
  shelf: FontShelf,
): Promise<Joints> {
  const drawnBy = drawersOf(chosen);
  const joints = new Map<FontBlock, number[]>();
  const missing = new Set<number>();
  for (const cluster of clusters) {
    const forms = [...new Set([cluster, cluster.normalize("NFC")])].map(visibleOf);
    // A letter that nobody draws is told of by itself.
    const base = drawnBy.get(cluster.codePointAt(0) ?? 0);
    if (base === undefined || (await isDrawnBy(base, forms))) continue;
    const joint = await firstWith(forms);
    if (joint) joints.set(joint.block, [...(joints.get(joint.block) ?? []), ...joint.characters]);
    else for (const character of visibleOf(cluster).slice(1)) missing.add(character);
  }
  return { blocks: joints, missing: [...missing] };

  async function isDrawnBy(block: FontBlock, forms: readonly (readonly number[])[]): Promise<boolean> {
    const form = await whole(block, forms);
    return form?.every((character) => !drawnBy.has(character) || chosen.get(block)?.includes(character)) ?? false;
  }

  async function firstWith(forms: readonly (readonly number[])[]): Promise<{ block: FontBlock; characters: readonly number[] } | undefined> {
    for (const block of blocks) {
      const characters = await whole(block, forms);
      if (characters) return { block, characters };
    }
    return undefined;
  }

  /** The form of which the block has everything. */
  async function whole(block: FontBlock, forms: readonly (readonly number[])[]): Promise<readonly number[] | undefined> {
    for (const form of forms) {
      if (!form.every((character) => mayHave(block, character))) continue;
      const coverage = await shelf.coverage(block);
      if (form.every((character) => coverage.has(character))) return form;
    }
    return undefined;
  }
}

/** The block of each character. */
export function drawersOf(chosen: ReadonlyMap<FontBlock, readonly number[]>): Map<number, FontBlock> {
  return new Map([...chosen].flatMap(([block, characters]) => characters.map((character) => [character, block] as const)));
}

function visibleOf(text: string): number[] {
  return [...text].filter((character) => !INVISIBLE.test(character)).map((character) => character.codePointAt(0) ?? 0);
}
