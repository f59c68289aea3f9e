/** The page of the verifier, once its script runs: files are chosen or dropped, verified here, and sent nowhere. */
import { reportFields } from "../pipeline/verify/report.ts";
import { treeOf } from "../core/fhir/tree/tree.ts";
import { writeJson } from "../core/fhir/json/write-json.ts";
import { html, type SafeHtml } from "../pipeline/render/html.ts";
import type { Locale } from "../pipeline/render/locale.ts";
import { verificationTitle, verifiedShown, VERIFIED_FILES, type VerifiedFile } from "../pipeline/render/pages/verification-form.ts";
import type { WhenceFact } from "../pipeline/render/pages/whence.ts";
import { isAlone, standAlone } from "./alone.ts";
import { embeddedLocales } from "./embedded.ts";
import { canCalculate, verifyInThread, type Verifying } from "./in-thread.ts";
import { byId, inputOf } from "./places.ts";
import { recognise } from "./recognise.ts";
import type { Answer, Files } from "./verify-here.ts";

const FIELDS = Object.keys(VERIFIED_FILES) as readonly VerifiedFile[];

/** The files of one verification, with the names that they have. */
interface Chosen {
  readonly names: Readonly<Partial<Record<VerifiedFile, string>>> & { readonly document: string };
  readonly files: Files;
  /** Whether the trust file is the repository's, whose page this is. */
  readonly isOwnTrust: boolean;
}

/** Takes the page over. Without what it is calculated by (WebCrypto is given to pages over https, from this machine, or of a file), the service's form stays as it is. */
export function openVerifier(): void {
  const script = document.currentScript as HTMLScriptElement;
  const source = script.src === "" ? URL.createObjectURL(new Blob([script.text], { type: "text/javascript" })) : script.src;
  const localeFor = embeddedLocales();
  const start = (): void => {
    const open = (locale: Locale): VerifierPage => new VerifierPage(locale, source);
    if (isAlone()) standAlone(localeFor, open);
    else if (canCalculate()) open(localeFor([document.documentElement.lang]));
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
}

/** What is on a page, and what is done with it. */
export class VerifierPage {
  readonly #locale: Locale;
  readonly #source: string;
  readonly #section = byId("verifier");
  readonly #listening = new AbortController();
  #verifying: Verifying | undefined;
  /** How often a verification was asked for. */
  #asked = 0;
  #shown: { readonly chosen: Chosen; readonly answer: Answer; readonly now: Date } | undefined;

  constructor(locale: Locale, source: string) {
    this.#locale = locale;
    this.#source = source;
    if (canCalculate()) this.#listen();
    else this.#say(locale.word("verify-no-crypto"));
  }

  #listen(): void {
    const { signal } = this.#listening;
    byId("verifier-here").hidden = false;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#verify();
    });
    // A file that misses the form would be opened in the place of the page.
    for (const name of ["dragover", "drop"] as const) document.documentElement.addEventListener(name, (event) => this.#dragged(event), { signal });
    document.documentElement.addEventListener("dragleave", () => this.#section.classList.remove("over"), { signal });
  }

  get #form(): HTMLFormElement {
    return this.#section.querySelector("form") as HTMLFormElement;
  }

  #dragged(event: DragEvent): void {
    if (event.dataTransfer?.types.includes("Files") !== true) return;
    event.preventDefault();
    this.#section.classList.toggle("over", event.type === "dragover");
    if (event.type === "drop") void this.#take([...event.dataTransfer.files]);
  }

  /** Puts what was dropped into the fields, where everybody sees what is verified, and verifies it. */
  async #take(dropped: readonly File[]): Promise<void> {
    // A folder has no bytes.
    const kinds = await Promise.all(dropped.map(async (file) => [recognise(await bytesOf(file)), file] as const)).catch(() => undefined);
    if (kinds === undefined) return this.#say(this.#locale.word("verify-choose"));
    const documents = kinds.filter(([kind]) => kind === "document");
    if (documents.length > 1) return this.#say(this.#locale.word("verify-one-document"));
    for (const [kind, file] of kinds) {
      const one = new DataTransfer();
      one.items.add(file);
      inputOf(kind).files = one.files;
    }
    if (inputOf("document").files?.length === 1) await this.#verify();
  }

  async #verify(): Promise<void> {
    this.#verifying?.giveUp();
    this.#forget();
    const asked = ++this.#asked;
    const isOver = (): boolean => asked !== this.#asked || this.#listening.signal.aborted;
    this.#say(this.#locale.word("verify-under-way"));
    this.#section.setAttribute("aria-busy", "true");
    const chosen = await this.#chosen();
    if (isOver()) return;
    if (chosen === undefined) return this.#say(this.#locale.word("verify-choose"));
    const verifying = verifyInThread(chosen.files, this.#source);
    this.#verifying = verifying;
    const answer = await verifying.answer;
    if (isOver()) return;
    this.#shown = { chosen, answer, now: new Date() };
    this.#show();
  }

  /** Takes away what came of the files before: beside others, or a fault, it would be read as theirs. */
  #forget(): void {
    this.#shown = undefined;
    byId("outcome").replaceChildren();
    byId("verify-file-title").className = "unseen";
    byId("verification").textContent = verificationTitle(this.#locale, false);
  }

  /** The files in the fields; undefined without a document, or where one can't be read any more. */
  async #chosen(): Promise<Chosen | undefined> {
    const names: Partial<Record<VerifiedFile, string>> = {};
    const files: Partial<Record<VerifiedFile, Uint8Array>> = {};
    for (const name of FIELDS) {
      const file = inputOf(name).files?.[0];
      if (file === undefined) continue;
      names[name] = file.name;
      try {
        files[name] = await bytesOf(file);
      } catch {
        return undefined;
      }
    }
    const { document: bytes } = files;
    if (bytes === undefined) return undefined;
    const own = this.#section.dataset["trust"];
    const isOwnTrust = files.trust === undefined && own !== undefined;
    const trust = files.trust ?? (own === undefined ? undefined : new TextEncoder().encode(own));
    return { names: { ...names, document: names.document ?? "" }, files: { ...files, document: bytes, ...(trust && { trust }) }, isOwnTrust };
  }

  #show(): void {
    if (this.#shown === undefined) return;
    const { chosen, answer, now } = this.#shown;
    if ("fault" in answer) return this.#say(`${this.#locale.word("verify-broken")} ${answer.fault}`);
    const locale = this.#locale;
    const name = chosen.names.document;
    const against: readonly WhenceFact[] = FIELDS.filter((field) => field !== "document").map((field) => ({
      label: locale.word(VERIFIED_FILES[field]),
      value: chosen.names[field] ?? (field === "trust" && chosen.isOwnTrust ? locale.word("verify-own-trust") : "–"),
    }));
    const shown = verifiedShown({ name, result: answer.report }, { locale, now, address: isAlone() ? undefined : location.href, against });
    byId("outcome").innerHTML = html`${shown}${this.#kept(name, answer.report)}`.text;
    byId("verify-file-title").className = "";
    const heading = byId("verification");
    heading.textContent = verificationTitle(locale, true);
    this.#say("");
    heading.focus();
  }

  /** What the command line prints by --json, to be kept. */
  #kept(file: string, report: Parameters<typeof reportFields>[0]): SafeHtml {
    const text = `${writeJson(treeOf({ file, ...reportFields(report) }))}\n`;
    return html`<p class="page-actions"><a id="report" download="verification.json" href="data:application/json,${encodeURIComponent(text)}">${this.#locale.word("verify-keep")}</a></p>`;
  }

  /** Shows again what was shown, in another language, or begins anew what was under way. */
  continue(from: VerifierPage): void {
    this.#shown = from.#shown;
    if (this.#shown !== undefined) this.#show();
    else if (from.#asked > 0) void this.#verify();
  }

  /** Leaves the page to another. */
  close(): void {
    this.#verifying?.giveUp();
    this.#listening.abort();
  }

  #say(words: string): void {
    this.#section.removeAttribute("aria-busy");
    byId("verifier-status").textContent = words;
  }
}

/** The bytes of a file that somebody chose. */
async function bytesOf(file: File): Promise<Uint8Array> {
  return new Uint8Array(await file.arrayBuffer());
}
