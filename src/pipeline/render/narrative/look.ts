/**
 * How text looks where an element stands, followed down the tree. An author's colours are kept wherever words can be read in them; where they cannot, the element
 * that holds the words gets the looks of the frame instead. What lies behind words is not always what their parent is painted with: the ground of an inline element
 * does not reach the blocks within it, that of a table not its caption, and that of a column is behind some cells only.
 */
import { BLACK, WHITE, contrast, cssOf, type Rgb } from "./colours.ts";
import { BLOCKS } from "./content-model.ts";

export interface Look {
  readonly foreground: Rgb;
  /** Everything that may lie behind text here: more than one colour only in tables whose columns have their own. */
  readonly grounds: readonly Rgb[];
  /** The same for a block that begins here: the ground of the inline elements around it is not behind it. */
  readonly blockGrounds: readonly Rgb[];
  /** What lies behind the caption of the table that this stands in. */
  readonly captionGrounds: readonly Rgb[];
  /** Size of letters in CSS pixels. */
  readonly size: number;
  /** True below an element with a colour of the author's: then ours would not go with it. */
  readonly isTheirs: boolean;
}

const PAPER: readonly Rgb[] = [WHITE];

export const FRAME_LOOK: Look = {
  foreground: BLACK,
  grounds: PAPER,
  blockGrounds: PAPER,
  captionGrounds: PAPER,
  size: 16,
  isTheirs: false,
};

/** Below this words cannot be read (WCAG 2 asks 3:1 of large letters): grey #999 on white has 2.8. */
export const MIN_CONTRAST = 3;

/** Nobody paints more columns than this apart; the rest stay as the table is. */
const MOST_COLUMN_COLOURS = 8;

/** The colours that an element declares. */
export interface Declared {
  readonly foreground?: Rgb;
  readonly ground?: Rgb;
}

export interface Painted {
  readonly look: Look;
  /** CSS declarations. */
  readonly declarations: readonly string[];
  /** True when words would have been unreadable, and are shown in the frame's looks. */
  readonly isRestyled: boolean;
}

/**
 * Colours an element called `name`. Columns are coloured by `columnGrounds` instead.
 *
 * @param hasText whether words stand right in it
 * @param isShifted whether its letters are larger than those around it, or stand higher or lower: an inline ground must then be painted again to be behind them
 */
export function paint(around: Look, name: string, declared: Declared, hasText: boolean, isShifted: boolean): Painted {
  if (name === "col" || name === "colgroup") return paintColumn(around, declared);
  const isBlock = BLOCKS.has(name);
  const base = name === "caption" ? around.captionGrounds : isBlock ? around.blockGrounds : around.grounds;
  const foreground = declared.foreground ?? around.foreground;
  const grounds = declared.ground === undefined ? base : [declared.ground];
  const inside = { captionGrounds: name === "table" ? base : around.captionGrounds, size: around.size };
  if (hasText && !isReadable(foreground, grounds)) {
    const needsGround = grounds !== base || !isReadable(BLACK, base);
    const shown = needsGround ? [WHITE] : base;
    const look = { ...inside, foreground: BLACK, grounds: shown, blockGrounds: isBlock ? shown : around.blockGrounds, isTheirs: true };
    return { look, declarations: ["color: var(--ink)", ...(needsGround ? ["background-color: var(--paper)"] : [])], isRestyled: true };
  }
  const repeated = isShifted && !isBlock && declared.ground === undefined && around.grounds !== around.blockGrounds ? around.grounds[0] : undefined;
  const ground = declared.ground ?? repeated;
  return {
    look: {
      ...inside,
      foreground,
      grounds,
      blockGrounds: isBlock ? grounds : around.blockGrounds,
      isTheirs: around.isTheirs || declared.foreground !== undefined || declared.ground !== undefined,
    },
    declarations: [
      ...(declared.foreground === undefined ? [] : [`color: ${cssOf(declared.foreground)}`]),
      ...(ground === undefined ? [] : [`background-color: ${cssOf(ground)}`]),
    ],
    isRestyled: false,
  };
}

/** What lies behind cells of a table whose columns declare `colours`: those on which its text can be read are kept. */
export function withColumns(table: Look, colours: readonly Rgb[]): Look {
  const kept = colours.filter((colour) => contrast(table.foreground, colour) >= MIN_CONTRAST).slice(0, MOST_COLUMN_COLOURS);
  if (kept.length === 0) return table;
  const grounds = [...table.grounds, ...kept];
  return { ...table, grounds, blockGrounds: grounds, isTheirs: true };
}

/** Nothing but the ground of a column is behind its cells (CSS 2, 17.3). */
function paintColumn(around: Look, { ground }: Declared): Painted {
  if (ground === undefined) return { look: around, declarations: [], isRestyled: false };
  const isKept = around.grounds.some((known) => cssOf(known) === cssOf(ground));
  return { look: around, declarations: isKept ? [`background-color: ${cssOf(ground)}`] : [], isRestyled: !isKept };
}

function isReadable(foreground: Rgb, grounds: readonly Rgb[]): boolean {
  return grounds.every((ground) => contrast(foreground, ground) >= MIN_CONTRAST);
}
