/** The profiles that a document's resources declare and that nothing was checked of, for they were not held here. */
import type { DocumentBundle } from "../../../core/fhir/document-bundle.ts";
import { isProfileHeld } from "../../../core/fhir/r4/held-profiles.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import { html, type Part } from "../html.ts";
import type { Locale } from "../locale.ts";
import { judgedProfiles, type HeldAgainst } from "./held-against.ts";
import { cut, oneLine } from "./one-line.ts";

/** Profiles that are named one by one, and characters of each; a hostile document declares thousands. */
const MOST = 30;
const MOST_LETTERS = 200;

export function declaredProfiles({ bundle, entries }: DocumentBundle, held: HeldAgainst | undefined, locale: Locale): Part {
  const judged = judgedProfiles(held);
  const found = new Set<string>();
  const from = (resource: JsonObject): void => {
    for (const profile of resource.object("meta")?.items("profile") ?? [])
      if (typeof profile === "string" && !judged.has(profile) && !isProfileHeld(profile)) found.add(cut(oneLine(profile), MOST_LETTERS));
    for (const contained of resource.objects("contained")) from(contained);
  };
  from(bundle);
  for (const { resource } of entries) from(resource);
  if (found.size === 0) return "";
  const listed = [...found].slice(0, MOST);
  const more = found.size - listed.length;
  return html`<div>
<dt>${locale.word("profiles-declared")}</dt>
<dd>${locale.word("profiles-unchecked")}
<ul class="profiles">
${listed.map((profile) => html`<li class="code"><bdi dir="ltr">${profile}</bdi></li> `)}${more > 0 && html`<li class="number">+ ${String(more)}</li>`}
</ul></dd>
</div>
`;
}
