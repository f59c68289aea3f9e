/** Where somebody wanted to go before signing in. */

const LONGEST = 1_500;

/**
 * An address below ours, or the start page: what a stranger put into a link leads nowhere else. Browsers take a backslash for a slash, and leave tabs and line ends out.
 */
export function returnAddress(text: string | undefined): string {
  if (text === undefined || text.length > LONGEST || !/^\/(?![/\\])[\x21-\x7e]*$/.test(text) || text.includes("\\")) return "/";
  const base = "https://here.invalid";
  const url = URL.parse(text, base);
  // Dots are taken out by whoever follows it; what is left must still be a path of ours, and not the way in again.
  return url?.origin !== base || url.pathname.startsWith("//") || /^\/sign/.test(url.pathname) ? "/" : `${url.pathname}${url.search}`;
}
