/** Services that keep nothing: one of what the repository does, by itself, so that it can be scaled apart (docs/design/services.md). */
import type { FhirOperation } from "../../interactions/fhir/operation.ts";
import type { PageInteractions } from "../../interactions/pages/page-interactions.ts";
import type { RenderChoice, RenderedFile } from "../../interactions/pages/render-sent.ts";
import type { ServiceName } from "../../interactions/service-names.ts";
import type { Content, DocumentMediaType } from "../../pipeline/document-forms.ts";
import { CHECK_ROWS, VERIFIER_ROWS, VERIFY_ROWS, type Rows } from "../openapi/other-paths.ts";
import { content, forms, query } from "../openapi/described.ts";
import type { Running } from "../service.ts";
import type { Served } from "../served.ts";

/** What such a service is served with: what is absent has no route. */
export interface Stateless extends Running, Pick<Served, "baseUrl" | "fhirBase" | "definitions" | "pages" | "openings" | "paper"> {
  readonly name: ServiceName;
  readonly operations: readonly FhirOperation[];
  readonly check?: PageInteractions["check"];
  readonly verifyFile?: PageInteractions["verifyFile"];
  /** The trust file that counts where none comes along, as text. */
  readonly trust?: string | undefined;
  render?(sent: Content<DocumentMediaType>, choice: RenderChoice): Promise<RenderedFile>;
}

interface Told {
  /** In a sentence. */
  readonly does: string;
  /** Routes beside operations, health, assets and what every service says of itself. */
  readonly rows: Rows;
}

const LED = { 303: { description: "Leads on to another page" } };

/** What each does, and its routes for people. */
export const TOLD: Readonly<Record<ServiceName, Told>> = {
  validate: {
    does: "Validates resources and documents (`$validate`, and for people `/check`). What was deposited it does not know.",
    rows: {
      "GET /": ["startPage", "Leads to the form", { answers: LED }],
      "GET /check": ["checkForm", "Where a file is chosen", { answers: { 200: content("A form", "text/html") } }],
      ...CHECK_ROWS,
    },
  },
  render: {
    does: "Makes the page or the PDF of a document that is sent (`POST /render`), and keeps nothing of it. Nobody signs that PDF.",
    rows: {
      "POST /render": [
        "render",
        "The page or the PDF of a document, as Accept says; nothing of it is kept",
        {
          parameters: [query("paper", "The paper of a PDF", { enum: ["a4", "letter"] }), query("_format", "html or pdf; overrides Accept")],
          body: { required: true, content: { ...forms("Bundle"), "application/pkcs7-mime": { schema: {} } } },
          answers: { 200: content("One file that needs nothing beside it", "text/html", "application/pdf") },
          refusals: [422],
        },
      ],
    },
  },
  verify: {
    does: "Says whether a document or PDF is what was deposited, by its receipt and a trust file (`$verify`, and for people `/verify`). It asks nobody.",
    rows: { "GET /": ["startPage", "Leads to the form", { answers: LED }], ...VERIFY_ROWS, ...VERIFIER_ROWS },
  },
};
