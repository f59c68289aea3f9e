/**
 * `chartulary/render`: the page of a document, or its PDF, as the repository shows it, without depositing it. The same as `chartulary render`.
 *
 * What is exported here keeps to semantic versions (docs/design/library.md): its types stand in this file alone, and the compiler holds what the program makes against them. The markup of the page is no part of that.
 */
import { loadConfig } from "../config.ts";
import { openR4 } from "../core/fhir/r4/open-r4.ts";
import { fhirMediaTypeOf } from "../core/fhir/reading/fhir-media-type.ts";
import { DEFAULT_READ_LIMITS } from "../core/fhir/reading/read-limits.ts";
import { presentFile } from "../pipeline/present-file.ts";
import { renderPresented } from "../interactions/commands/render-presented.ts";
import { openPolicyNamed } from "../interactions/policy-files.ts";
import { openPdfEngine } from "../main/browser.ts";
import { openPackagesIn } from "../main/held-packages.ts";
import { openPagesAlone } from "../main/page-making.ts";
import { versionOf } from "../main/surroundings.ts";
import type { PdfEngine } from "../pipeline/render/pdf-engine.ts";
import { packagedProfiles } from "../pipeline/validate/profiles/packaged-profiles.ts";
import { createValidator } from "../pipeline/validate/validate.ts";

/** By what documents are judged before they are shown. */
export interface RendererOptions {
  /** `strict` (without this), `form`, `references`, or the path of a policy file (docs/rules.md, Policy). */
  readonly policy?: string;
  /** A folder of FHIR packages (`.tgz`), with `packages.json` where there are several sets, that documents are held against besides (docs/operating.md, Packages). Without it none, whatever the settings say. */
  readonly packages?: string;
}

/** What is made of a document. */
export interface RenderOptions {
  /** The reader's language (BCP 47); the document's own where nothing is said, and English where there are no words for it. */
  readonly locale?: string;
  /** Whether a PDF is made as well: that takes a browser (PUPPETEER_EXECUTABLE_PATH, or the one that comes along). */
  readonly pdf?: boolean;
  /** The paper of the PDF: `a4` without this. */
  readonly paper?: "a4" | "letter";
}

/** A document that is shown. */
export interface RenderedDocument {
  readonly valid: true;
  /** One page that needs nothing beside it. */
  readonly html: string;
  readonly title: string;
  /** BCP 47: the document's own where it tells one. */
  readonly language: string;
  /** Of its author, as the document says; absent where it doesn't. */
  readonly author?: string;
  /** PDF/A-3 with the document in it; absent where none was asked for. */
  readonly pdf?: Uint8Array;
}

/** What is shown of no document: it breaks rules, or is none. */
export interface NotRendered {
  readonly valid: false;
  readonly issues: readonly {
    readonly severity: "fatal" | "error" | "warning" | "information";
    readonly rule: string;
    readonly text: string;
    /** FHIRPath with indexes; absent where the place is not in the document. */
    readonly expression?: string;
  }[];
}

/** Renders one document after another. */
export interface Renderer {
  /**
   * @param document JSON, XML, or a signed message (CMS) with one in it; which it is, is found out
   * @throws an Error whose `code` is `unavailable`: a PDF was asked for, and no browser can print
   */
  render(document: Uint8Array | string, options?: RenderOptions): Promise<RenderedDocument | NotRendered>;
  /** Ends its threads, and the browser where there was one. A program ends by itself only then. */
  close(): Promise<void>;
}

/**
 * Opens what renders: a thread that judges narratives, and a browser once a PDF is asked for. That takes longer than rendering one document.
 *
 * @throws an Error whose `code` is `not-found` or `malformed`: there is no such policy, or it can't be used; `invalid`: so of the packages
 */
export async function openRenderer({ policy = "strict", packages }: RendererOptions = {}): Promise<Renderer> {
  const knowledge = openR4();
  const sets = packages === undefined ? undefined : await openPackagesIn(packages);
  const validator = createValidator({ ...knowledge, policy: await openPolicyNamed(policy), ...packagedProfiles(knowledge, sets) });
  const software = `chartulary/${await versionOf()}`;
  const { pages, close } = await openPagesAlone(knowledge, sets);
  let opened: Promise<PdfEngine> | undefined;
  return {
    render: async (document, { locale = "", pdf = false, paper = "a4" } = {}) => {
      const bytes = typeof document === "string" ? new TextEncoder().encode(document) : document;
      const found = await presentFile(bytes, fhirMediaTypeOf(bytes, ""), { limits: DEFAULT_READ_LIMITS, validator });
      if (found.kind === "refused")
        return {
          valid: false,
          issues: found.issues.map(({ severity, rule, text, expression }) => ({
            severity,
            rule,
            text,
            ...(expression !== undefined && { expression }),
          })),
        };
      const engine = pdf ? await (opened ??= openPdfEngine(loadConfig())) : undefined;
      const made = await renderPresented(found.presented, bytes, { pages, locale, engine, paper, software });
      const { title, language, author } = made.view.properties;
      return { valid: true, html: made.view.html, title, language, ...(author !== undefined && { author }), ...(made.pdf && { pdf: made.pdf }) };
    },
    close: async () => {
      await (await opened?.catch(() => undefined))?.close();
      await close();
    },
  };
}

/**
 * Renders one document.
 *
 * @throws as openRenderer and its `render`; never for what the document holds
 */
export async function render(document: Uint8Array | string, options: RendererOptions & RenderOptions = {}): Promise<RenderedDocument | NotRendered> {
  const renderer = await openRenderer(options);
  try {
    return await renderer.render(document, options);
  } finally {
    await renderer.close();
  }
}
