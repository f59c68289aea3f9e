/** Header lines that an owner wants to be sent along (R4 Subscription.channel.header), by name in lower case. What may not stand in one was refused when it was asked for (read-channel.ts). */
export function headersIn(lines: readonly string[]): Record<string, string[]> {
  const headers: Record<string, string[]> = {};
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    (headers[name] ??= []).push(line.slice(colon + 1).trim());
  }
  return headers;
}
