/** How long an answer wants us to wait before we ask again (RFC 9110 section 10.2.3): seconds, or a date. Milliseconds; undefined where it says nothing, or nothing that can be read. */
export function waitTold(header: string | null): number | undefined {
  if (header === null) return undefined;
  const milliseconds = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isNaN(milliseconds) ? undefined : Math.max(0, milliseconds);
}
