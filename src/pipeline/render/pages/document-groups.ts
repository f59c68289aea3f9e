/** On the page of a patient: which documents their source sent together, and in which folders it put them (IHE MHD). */
import type { DocumentSummary } from "../../document-forms.ts";
import { html, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";
import { cut, oneLine } from "./one-line.ts";

export interface DocumentGroup {
  readonly kind: "submission" | "folder";
  /** As the source called it. */
  readonly title?: string;
  /** When it was sent, as the source says it. */
  readonly date?: string;
  readonly documents: readonly { readonly summary: DocumentSummary; readonly isSuperseded: boolean }[];
}

const MOST_LETTERS = 200;

/** Nothing where no source said so. */
export function documentGroupsSection(groups: readonly DocumentGroup[], locale: Locale): SafeHtml | false {
  if (groups.length === 0) return false;
  return html`<section class="document-groups" aria-labelledby="groups-title">
<h2 id="groups-title">${locale.word("groups")}</h2>
<p class="quiet">${locale.word("groups-hint")}</p>
<ul>
${groups.map((group) => groupItem(group, locale))}</ul>
</section>`;
}

function groupItem({ kind, title, date, documents }: DocumentGroup, locale: Locale): SafeHtml {
  const name = cut(oneLine(title ?? "").trim(), MOST_LETTERS);
  return html`<li><p><span class="quiet">${locale.word(kind === "folder" ? "group-folder" : "group-submission")}</span>${name !== "" && html` <bdi>${name}</bdi>`}${date !== undefined && html` <span class="quiet number">${locale.date(date)}</span>`}</p>
<ul class="document-relations">${documents.map(({ summary, isSuperseded }) => {
    const own = cut(oneLine(summary.title || summary.type), MOST_LETTERS) || locale.word("untitled");
    const isError = summary.status === "entered-in-error";
    // As the timeline has it: documents of one title are told apart by their date, and what must not be used as it is says so.
    return html`<li${(isSuperseded || isError) && html` class="withdrawn"`}><a href="/documents/${summary.id}"><bdi class="group-title">${own}</bdi></a> <span class="quiet number">${locale.date(summary.date || summary.timestamp)}</span>${isError && html` <strong class="danger">${locale.term("status-entered-in-error")}</strong>`}${isSuperseded && html` <strong class="danger">${locale.word("superseded")}</strong>`}</li>`;
  })}</ul></li>
`;
}
