/** What a benchmark found: tables for people, and figures by name for whoever compares runs. */
export interface Report {
  readonly tables: readonly Table[];
  /** Names say the unit: `perSecond`, `Ms`, `Bytes`. */
  readonly figures: Readonly<Record<string, number>>;
}

export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  /** One cell a column; numbers are written with three significant digits and stand to the right. */
  readonly rows: readonly (readonly (string | number)[])[];
}

/** A table as aligned text. */
export function formatTable({ title, columns, rows }: Table): string {
  const cells = [columns, ...rows.map((row) => row.map(formatCell))];
  const widths = columns.map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)));
  const isNumeric = columns.map((_, at) => rows.every((row) => typeof row[at] === "number"));
  const lines = cells.map((row) =>
    row
      .map((cell, at) => (isNumeric[at] ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
  lines.splice(1, 0, widths.map((width) => "-".repeat(width)).join("  "));
  return `${title}\n\n${lines.join("\n")}\n`;
}

function formatCell(cell: string | number): string {
  return typeof cell === "string" ? cell : rounded(cell).toLocaleString("en", { maximumFractionDigits: 4 });
}

/** A number with three significant digits, or all of its digits before the point. */
export function rounded(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}

/** Says on stderr what is measured next, and since when: a benchmark takes minutes, and its tables come at the end. */
export function telling(name: string): (what: string) => void {
  const begun = performance.now();
  return (what) => void process.stderr.write(`${name}, ${Math.round((performance.now() - begun) / 1000)} s: ${what}\n`);
}
