/** Where people may be led back to once they have signed in for a client. Compared character by character (OAuth 2.1), so that it must be whole. */

/** Why it can't be one, in words that follow it; undefined when it can. */
export function faultOfRedirect(text: string): string | undefined {
  const url = URL.parse(text);
  if (!url) return "is no address";
  if (text.includes("#")) return "has a fragment: an answer would stand behind it";
  if (url.username !== "" || url.password !== "") return "names a user";
  if (text.includes("*")) return "has a placeholder: each address is given whole";
  if (url.protocol === "https:") return undefined;
  if (url.protocol === "http:") return /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname) ? undefined : "is http, and not of this machine";
  // RFC 8252 section 7.1: of an app on a telephone, by a name that its maker owns.
  return /^[a-z][a-z0-9+-]*(?:\.[a-z0-9-]+)+:$/.test(url.protocol)
    ? undefined
    : "has a scheme that anybody's app may take: name it by your domain, turned round";
}

/** What a page's form may lead to on the way back to a client, for a Content Security Policy. */
export function originOfRedirect(redirect: string): string {
  const url = new URL(redirect);
  return url.origin === "null" ? url.protocol : url.origin;
}
