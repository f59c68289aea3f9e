/** Names and attributes of the cookies that a browser keeps for us (RFC 6265bis). */

/** Over https a name that no other host can set, and only for the whole of ours; over http on loopback browsers refuse it, so that it goes without. */
export function cookieName(name: string, baseUrl: string): string {
  return baseUrl.startsWith("https:") ? `__Host-${name}` : name;
}

/** The session's. */
export function sessionCookie(baseUrl: string): string {
  return cookieName("chartulary", baseUrl);
}

/** A `Set-Cookie` that no script reads, and no page elsewhere sends along but by leading here. `seconds`: until it ends; undefined: with the browser; 0: at once. */
export function setCookie(name: string, value: string, { seconds, baseUrl }: { readonly seconds?: number; readonly baseUrl: string }): string {
  const age = seconds === undefined ? "" : `; Max-Age=${seconds}`;
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Lax${baseUrl.startsWith("https:") ? "; Secure" : ""}${age}`;
}
