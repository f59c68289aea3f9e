/** [0x41, 0x42, 0x43, 0x61] -> `U+41-43,U+61` (css-fonts-4, unicode-range). */
export function unicodeRange(characters: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const character of [...characters].sort((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run !== undefined && character <= run[1] + 1) run[1] = character;
    else runs.push([character, character]);
  }
  return runs.map(([first, last]) => (first === last ? `U+${first.toString(16)}` : `U+${first.toString(16)}-${last.toString(16)}`)).join(",");
}
