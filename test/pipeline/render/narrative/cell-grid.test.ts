import { describe, expect, test } from "@jest/globals";
import { CellGrid } from "../../../../src/pipeline/render/narrative/cell-grid.ts";

/** The columns that each cell of each row gets; cells as [columns, rows]. */
function placed(rows: readonly (readonly (readonly [number, number])[])[]): number[][] {
  const grid = new CellGrid();
  return rows.map((row) => {
    grid.beginRow();
    return row.map(([columns, count]) => grid.place({ columns, rows: count }));
  });
}

const ONE = [1, 1] as const;

describe("CellGrid", () => {
  test("gives cells the columns that they ask for", () => expect(placed([[ONE, [3, 1]], [[4, 1]]])).toEqual([[1, 3], [4]])); // prettier-ignore

  test("lets no cell reach into one from above", () => {
    expect(placed([[ONE, [1, 2], ONE], [[3, 1]], [[3, 1]]])).toEqual([[1, 1, 1], [1], [3]]);
    expect(placed([[ONE, [1, 3], ONE], [ONE, ONE], [[1, 1], [9, 1]]])).toEqual([[1, 1, 1], [1, 1], [1, 9]]); // prettier-ignore
  });

  test("is bounded: cells that claim a thousand columns and rows cost no more than those", () => {
    const rows = placed(Array.from({ length: 300 }, () => [[999, 999] as const, [999, 999] as const]));
    expect(rows[0]).toEqual([999, 1]);
    expect(rows.at(-1)).toEqual([1, 1]);
  });
});
