/** Header lines that an owner wants to be sent along (R4 Subscription.channel.header), by name in lower case. What may not stand in one was refused when it was asked for (read-channel.ts). */
export function headersIn(lines: readonly string[]): Record<string, string[]> {
  const named = lines.map((line): readonly [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  // `constructor` and `__proto__` are names of headers as well.
  return Object.fromEntries([...Map.groupBy(named, ([name]) => name)].map(([name, own]) => [name, own.map(([, value]) => value)]));
}
