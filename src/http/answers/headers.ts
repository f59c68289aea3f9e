import type { RequestHandler, Response } from "express";

/**
 * What pages may do: nothing but show our styles, fonts and images that they carry themselves. No script at all. Style attributes are allowed, since narratives
 * have them (R4 narrative.html); what stands in them was filtered.
 */
const PAGE_POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "style-src-attr 'unsafe-inline'",
  "font-src 'self'",
  "img-src 'self' data:",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** A resource opened in a browser is text: whatever markup stands in it must not come alive in our origin. */
const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox";
/** A browser's own PDF viewer does not work in a sandbox; the PDF is ours and has no script. */
const PDF_POLICY = "frame-ancestors 'none'";

/** Headers that every answer has. `Referrer-Policy` is same-origin, not no-referrer: with the latter browsers send `Origin: null` with our own form. */
export function secureAnswers(baseUrl: string): RequestHandler {
  const isSecure = baseUrl.startsWith("https:");
  return (_request, response, next) => {
    response.set({
      "Content-Security-Policy": DATA_POLICY,
      "X-Content-Type-Options": "nosniff",
      "Referrer-Policy": "same-origin",
      "Cache-Control": "private",
      "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
      "Cross-Origin-Resource-Policy": "same-origin",
      "Cross-Origin-Opener-Policy": "same-origin",
    });
    // A browser that was here once comes by https alone from then on.
    if (isSecure) response.setHeader("Strict-Transport-Security", "max-age=31536000");
    next();
  };
}

/** Loosens the policy as far as a page or a PDF needs. */
export function allowFor(response: Response, form: "html" | "pdf"): void {
  response.setHeader("Content-Security-Policy", form === "html" ? PAGE_POLICY : PDF_POLICY);
}

/** The same for the page of the verifier: it has our script, in a thread too, and may ask nobody, so that what is chosen there stays there. */
export function allowVerifier(response: Response): void {
  response.setHeader("Content-Security-Policy", `${PAGE_POLICY}; script-src 'self'; worker-src 'self'; connect-src 'none'`);
}

/** For the script that it has in a thread: a sandbox would take the cryptography from it, and it may do no more than the page. */
export function allowThread(response: Response): void {
  response.setHeader("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
}

/**
 * The same for a page on which people sign in: it may have our script for passkeys, and what its form leads to may lead on to the app that asked (a browser holds every redirect behind a form against
 * this policy). @param app its origin, or the scheme of an app on a telephone
 */
export function allowSignIn(response: Response, app: string | undefined): void {
  const policy = PAGE_POLICY.replace("form-action 'self'", `form-action 'self'${app === undefined ? "" : ` ${app}`}`);
  response.setHeader("Content-Security-Policy", `${policy}; script-src 'self'`);
}
