/** Pages on which people prove who they are, and say what an app may have. They work without script but for passkeys, which browsers give to script alone. */
import { html, type Part, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";
import { page, productHeader, type PageOptions } from "./page.ts";
import { patientChoice, type PatientChoice } from "./patient-choice.ts";
import { scopeLines } from "./scope-lines.ts";

/** What such a page shows. Addresses are paths of ours; what a browser makes a passkey with is JSON. */
export type AccountPage =
  | {
      readonly kind: "sign-in";
      readonly action: string;
      readonly app: string | undefined;
      readonly name: string;
      readonly fault: { readonly kind: "wrong" | "passkey-failed" } | { readonly kind: "wait"; readonly seconds: number } | undefined;
      readonly passkey: string | undefined;
    }
  | {
      readonly kind: "consent";
      readonly action: string;
      readonly app: string;
      readonly person: string;
      /** Whom it is about; undefined: nobody was chosen. */
      readonly patient: PatientChoice | undefined;
      readonly scopes: readonly string[];
    }
  | {
      readonly kind: "patient";
      readonly action: string;
      readonly app: string;
      readonly query: string;
      readonly patients: readonly PatientChoice[];
    }
  | {
      readonly kind: "invitation";
      readonly action: string;
      /** Undefined: for the first administrator, who chooses it. */
      readonly name: string | undefined;
      readonly typed: { readonly name: string; readonly fullName: string; readonly isClinician: boolean };
      readonly fault: AccountFault | undefined;
      readonly havePasskeys: boolean;
    }
  | {
      readonly kind: "passkey";
      readonly action: string;
      readonly options: string;
      readonly typed: { readonly name: string; readonly fullName: string; readonly isClinician: boolean };
    }
  | { readonly kind: "invitation-over" }
  | { readonly kind: "interaction-over" }
  | { readonly kind: "invitation-done"; readonly name: string }
  | { readonly kind: "sign-out"; readonly action: string; readonly xsrf: string }
  | { readonly kind: "refused"; readonly code: string; readonly description: string };

/** Why what somebody chose can't be taken. */
export type AccountFault = "password-short" | "password-long" | "password-guessed" | "differ" | "name-wrong" | "name-taken" | "passkey-failed";

export interface AccountPageOptions extends PageOptions {
  /** The path of the script for passkeys. */
  readonly passkeyScript: string;
}

export function renderAccountPage(shown: AccountPage, options: AccountPageOptions): string {
  const { locale } = options;
  const { title, main, hasScript = false } = contentOf(shown, locale);
  return page(
    {
      title: `${locale.word("product")} – ${title}`,
      kind: "account-page",
      header: productHeader(locale),
      main: html`<h1>${title}</h1>
${main}`,
      ...(hasScript && { script: options.passkeyScript }),
    },
    options,
  );
}

interface Content {
  readonly title: string;
  readonly main: SafeHtml;
  readonly hasScript?: boolean;
}

function contentOf(shown: AccountPage, locale: Locale): Content {
  switch (shown.kind) {
    case "sign-in":
      return signIn(shown, locale);
    case "consent":
      return consent(shown, locale);
    case "patient":
      return choosePatient(shown, locale);
    case "invitation":
      return invitation(shown, locale);
    case "passkey":
      return makePasskey(shown, locale);
    case "sign-out":
      return signOut(shown, locale);
    case "invitation-over":
      return { title: locale.word("account-invitation-over"), main: html`<p class="lead">${locale.word("account-invitation-over-hint")}</p>` };
    case "interaction-over":
      return { title: locale.word("account-over"), main: html`<p class="lead">${locale.word("account-over-hint")}</p>` };
    case "invitation-done":
      return {
        title: locale.word("account-done"),
        main: html`<p class="lead">${locale.phrase("account-done-hint", { name: html`<bdi><strong>${shown.name}</strong></bdi>` })}</p>
<p><a class="button" href="/">${locale.word("account-sign-in")}</a></p>`,
      };
    case "refused":
      return {
        title: locale.word("account-refused"),
        main: html`<p class="lead">${locale.word("account-refused-hint")}</p>
<p class="quiet" lang="en" dir="auto"><code class="code">${shown.code}</code> ${shown.description}</p>`,
      };
  }
}

function signIn({ action, app, name, fault, passkey }: Extract<AccountPage, { readonly kind: "sign-in" }>, locale: Locale): Content {
  const main = html`${app !== undefined && html`<p class="lead">${locale.phrase("account-for-app", { app: html`<bdi><strong>${app}</strong></bdi>` })}</p>`}
${fault && alert(fault.kind === "wait" ? locale.word("account-wait", { seconds: fault.seconds }) : locale.word(`account-${fault.kind}`))}
<form method="post" action="${action}" class="account-form">
<label for="name">${locale.word("account-name")}</label>
<input type="text" id="name" name="name" value="${name}" autocomplete="username" autocapitalize="none" spellcheck="false" dir="auto" required${fault === undefined && html` autofocus`}>
<label for="password">${locale.word("account-password")}</label>
<input type="password" id="password" name="password" autocomplete="current-password" required>
<button type="submit">${locale.word("account-sign-in")}</button>
</form>
${passkey !== undefined && passkeyForm(html``, { action, options: passkey, way: "get", word: "account-with-passkey" }, locale)}`;
  return { title: locale.word("account-sign-in"), main, hasScript: passkey !== undefined };
}

function consent({ action, app, person, patient, scopes }: Extract<AccountPage, { readonly kind: "consent" }>, locale: Locale): Content {
  const main = html`<p class="lead">${locale.phrase("account-asks", { app: html`<bdi><strong>${app}</strong></bdi>` })}</p>
<ul class="account-scopes">${scopeLines(scopes, locale).map(
    (line) => html`<li>${line}</li>
`,
  )}</ul>
${patient && html`<div class="account-patient"><p>${locale.word("account-about-patient")}</p><p>${patientChoice(patient, locale)}</p></div>`}
<p class="quiet">${locale.phrase("account-signed-in-as", { name: html`<bdi>${person}</bdi>` })}</p>
<form method="post" action="${action}" class="account-form account-answers">
<button type="submit" name="answer" value="allow">${locale.word("account-allow")}</button>
<button type="submit" name="answer" value="refuse" class="quiet-button">${locale.word("account-refuse")}</button>
</form>`;
  return { title: locale.word("account-consent", { app }), main };
}

function choosePatient({ action, app, query, patients }: Extract<AccountPage, { readonly kind: "patient" }>, locale: Locale): Content {
  const main = html`<p class="lead">${locale.phrase("account-choose-patient-hint", { app: html`<bdi><strong>${app}</strong></bdi>` })}</p>
<form class="search" role="search" method="get" action="${action}">
<label for="q">${locale.word("search-label")}</label>
<div class="search-line"><input type="search" id="q" name="q" value="${query}" autocomplete="off" spellcheck="false" dir="auto">
<button type="submit">${locale.word("search")}</button></div>
</form>
<form method="post" action="${action}" class="account-form">
${patients.length === 0 ? html`<p class="empty">${locale.word("account-no-patients")}</p>` : html`<ul class="account-patients">${patients.map((patient) => patientLine(patient, locale))}</ul>`}
<button type="submit" name="answer" value="refuse" class="quiet-button" formnovalidate>${locale.word("account-refuse")}</button>
</form>`;
  return { title: locale.word("account-choose-patient"), main };
}

function patientLine(patient: PatientChoice, locale: Locale): SafeHtml {
  return html`<li><button type="submit" name="patient" value="${patient.id}" class="quiet-button">${patientChoice(patient, locale)}</button></li>
`;
}

function invitation(shown: Extract<AccountPage, { readonly kind: "invitation" }>, locale: Locale): Content {
  const { action, name, typed, fault, havePasskeys } = shown;
  const main = html`<p class="lead">${locale.word("account-invitation-hint")}</p>
${fault !== undefined && alert(locale.word(`account-${fault}`))}
<form method="post" action="${action}" class="account-form">
${
  name === undefined
    ? html`<label for="name">${locale.word("account-name")}</label>
<input type="text" id="name" name="name" value="${typed.name}" autocomplete="username" autocapitalize="none" spellcheck="false" dir="auto" required>
<label for="full-name">${locale.word("account-full-name")}</label>
<input type="text" id="full-name" name="full-name" value="${typed.fullName}" autocomplete="name" dir="auto" required>
<label class="account-check"><input type="checkbox" name="clinician" value="yes"${typed.isClinician && html` checked=""`}> ${locale.word("account-clinician")}</label>`
    : html`<p>${locale.word("account-name")}: <bdi><strong>${name}</strong></bdi></p>
<input type="text" name="name" value="${name}" autocomplete="username" hidden readonly>`
}
<label for="password">${locale.word("account-new-password")}</label>
<input type="password" id="password" name="password" autocomplete="new-password" minlength="12" aria-describedby="password-hint">
<p class="quiet" id="password-hint">${locale.word("account-password-hint")}</p>
<label for="again">${locale.word("account-again")}</label>
<input type="password" id="again" name="again" autocomplete="new-password" minlength="12">
<button type="submit" name="way" value="password">${locale.word("account-save")}</button>
${havePasskeys && html`<button type="submit" name="way" value="passkey" class="quiet-button">${locale.word("account-choose-passkey")}</button>`}
</form>`;
  return { title: locale.word("account-invitation"), main };
}

function makePasskey({ action, options, typed }: Extract<AccountPage, { readonly kind: "passkey" }>, locale: Locale): Content {
  const fields = html`<input type="hidden" name="way" value="passkey"><input type="hidden" name="name" value="${typed.name}">
<input type="hidden" name="full-name" value="${typed.fullName}">${typed.isClinician && html`<input type="hidden" name="clinician" value="yes">`}`;
  const main = html`<p class="lead">${locale.word("account-passkey-hint")}</p>
<noscript>${alert(locale.word("account-passkey-script"))}</noscript>
${passkeyForm(fields, { action, options, way: "create", word: "account-make-passkey" }, locale)}`;
  return { title: locale.word("account-choose-passkey"), main, hasScript: true };
}

function signOut({ action, xsrf }: Extract<AccountPage, { readonly kind: "sign-out" }>, locale: Locale): Content {
  const main = html`<p class="lead">${locale.word("account-sign-out-hint")}</p>
<form method="post" action="${action}" class="account-form account-answers">
<input type="hidden" name="xsrf" value="${xsrf}">
<button type="submit" name="logout" value="yes">${locale.word("account-sign-out")}</button>
<a class="button quiet-button" href="/">${locale.word("account-stay")}</a>
</form>`;
  return { title: locale.word("account-sign-out"), main };
}

/** Hidden until the script has found that the browser has passkeys. */
function passkeyForm(
  fields: SafeHtml,
  { action, options, way, word }: { readonly action: string; readonly options: string; readonly way: "get" | "create"; readonly word: string },
  locale: Locale,
): SafeHtml {
  return html`<form method="post" action="${action}" class="account-form" data-passkey="${way}" data-options="${options}" hidden>
${fields}<input type="hidden" name="passkey" value="">
<p class="notice danger" role="alert" hidden>${locale.word("account-passkey-failed")}</p>
<button type="submit" class="quiet-button">${locale.word(word)}</button>
</form>`;
}

function alert(text: Part): SafeHtml {
  return html`<p class="notice danger" role="alert">${text}</p>`;
}
