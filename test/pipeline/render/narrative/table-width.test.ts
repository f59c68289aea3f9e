import { describe, expect, test } from "@jest/globals";
import { readXhtml } from "../../../../src/core/fhir/xml/xhtml.ts";
import { tableWidth } from "../../../../src/pipeline/render/narrative/table-width.ts";

function widthOf(content: string): ReturnType<typeof tableWidth> {
  const { root } = readXhtml(`<table xmlns="http://www.w3.org/1999/xhtml">${content}</table>`);
  if (!root) throw new Error("no table");
  return tableWidth(root);
}

describe("tableWidth", () => {
  test("counts columns with their spans, in every part of the table", () => {
    expect(widthOf('<thead><tr><th colspan="3">a</th><th>b</th></tr></thead><tbody><tr><td>1</td></tr></tbody>')).toEqual({
      columns: 4,
      classes: "",
      isTight: false,
    });
  });

  test("sets a table smaller for many columns, or for long words", () => {
    const cells = (count: number, word: string): string => `<tr>${`<td>${word}</td>`.repeat(count)}</tr>`;
    expect(widthOf(cells(8, "1")).classes).toBe("wide");
    expect(widthOf(cells(14, "1")).classes).toBe("very-wide");
    expect(widthOf(cells(4, "Pneumonoultramicroscopicsilico")).classes).toBe("very-wide");
    expect(widthOf(cells(6, "https://example.org/an/address/that/goes/on")).classes).toBe("very-wide crowded");
  });

  test("breaks a ruled line before it breaks a number beside it", () => {
    const row = ["Homovanillate/Creatinine", "INVALIDE", "mmol/24h", "Interpretation", "2.10/2.55", "_".repeat(60), "11:36:00"];
    expect(widthOf(`<tr>${row.map((word) => `<td>${word}</td>`).join("")}</tr>`)).toEqual({
      columns: 7,
      classes: "very-wide breaks-long",
      isTight: true,
    });
  });

  test("lets Chinese and Japanese break anywhere", () => {
    expect(widthOf(`<tr>${`<td>${"退院時".repeat(20)}</td>`.repeat(4)}</tr>`).classes).toBe("");
  });
});
