/** What an app asks for, in words for whoever is asked whether it may. */
import { html, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";

const ABOUT: Readonly<Record<string, string>> = {
  openid: "account-scope-openid",
  profile: "account-scope-profile",
  fhirUser: "account-scope-fhir-user",
  "launch/patient": "account-scope-patient",
  offline_access: "account-scope-offline",
};

const RESOURCES = /^(patient|user)\/(\*|[A-Za-z]+)\.([a-z*]+)(?:\?(.*))?$/;
const V1: Readonly<Record<string, string>> = { read: "rs", write: "cud", "*": "cruds" };

/** One line for each scope; whatever is not understood is shown as it is written, never left out. */
export function scopeLines(scopes: readonly string[], locale: Locale): SafeHtml[] {
  return scopes.map((scope) => {
    const about = ABOUT[scope];
    if (about !== undefined) return html`${locale.word(about)}`;
    const [, level, type = "", rights = "", query] = RESOURCES.exec(scope) ?? [];
    if (level === undefined) return html`<code class="code">${scope}</code>`;
    const deeds = [...(V1[rights] ?? rights)].map((right) => locale.word(`account-right-${right}`)).join(", ");
    const what = type === "*" ? html`${locale.word("account-all-data")}` : html`<code class="code">${type}</code>`;
    return html`${what} ${locale.word(`account-level-${level}`)}: ${deeds}${query !== undefined && html` (${locale.word("account-only")} <code class="code">${query}</code>)`}`;
  });
}
