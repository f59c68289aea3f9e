/** Header lines that an owner wants to be sent along (R4 Subscription.channel.header): read, and what cannot be sent refused. */

/** Lines at most, and characters of one. */
const MOST = 20;
const LONGEST = 8_000;

/** What is ours to say, or between us and the next hop (RFC 9110 section 7.6.1), or would let a request be understood as two. */
const NOT_TO_BE_SENT: ReadonlySet<string> = new Set([
  ...["host", "content-length", "content-type", "transfer-encoding", "connection", "keep-alive", "proxy-authenticate", "proxy-authorization"],
  ...["proxy-connection", "te", "trailer", "upgrade", "expect", "http2-settings", "date", "via", "forwarded"],
]);

/** Why lines cannot be sent, in words for their owner, without a value of theirs; undefined when they can. */
export function headerFault(lines: readonly string[]): string | undefined {
  if (lines.length > MOST) return `at most ${MOST} headers are sent along`;
  for (const [at, line] of lines.entries()) {
    const [, name = "", value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}):(.*)$/s.exec(line) ?? [];
    if (value === undefined) return `header ${at + 1} is no line of a name, a colon and a value`;
    if (line.length > LONGEST) return `header ${at + 1} is longer than ${LONGEST} characters`;
    if (NOT_TO_BE_SENT.has(name.toLowerCase())) return `${name} is not sent along: it is about the connection, or said by this service`;
    // Also no CR, LF or NUL, by which one header would become two.
    if (!/^[\t\x20-\x7e]*$/.test(value)) return `the value of ${name} has characters that no header may have`;
  }
  return undefined;
}

/** Lines as they are sent, by name; only of lines without a fault. */
export function headersIn(lines: readonly string[]): Record<string, string[]> {
  const headers: Record<string, string[]> = {};
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    (headers[name] ??= []).push(line.slice(colon + 1).trim());
  }
  return headers;
}
