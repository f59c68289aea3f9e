/** Every place of a repository looked at, as a service looks at one now and then. */
import { Looks } from "../../../src/main/looks.ts";
import { Samples } from "../../../src/main/samples.ts";
import { honourErasures } from "../../../src/pipeline/erasures.ts";
import { createDocumentKeys } from "../../../src/pipeline/store/document-keys.ts";
import { createInlineWork } from "../../../src/pipeline/work/inline-work.ts";
import { indexTag } from "../../../src/search/describe-document.ts";
import { indexTools } from "../../../src/search/index-tools.ts";
import { personIds } from "../../../src/search/person-ids.ts";
import { TOOLS } from "../../http/house.ts";
import { R4, SEARCH_PARAMETERS } from "../../r4.ts";
import { feedDescriber, systems, type OpenedRepository } from "./repository.ts";

const config = { patientSystems: systems, hasFullText: true };

/** What such looks tell, and what readiness says then. */
export async function sampled(
  { keys, store, wrappedKeys, openIndex, openIndexInventory }: Omit<OpenedRepository, "openInventory">,
  turns = 1,
): Promise<{ readonly told: string[]; readonly warning: string | undefined }> {
  const told: string[] = [];
  const looks = new Looks((error, what) => told.push(`${what}: ${(error as Error).message}`));
  const documentKeys = honourErasures(createDocumentKeys(keys, wrappedKeys), store);
  const room = await openIndex();
  const engine = { openIndexInventory: () => Promise.resolve(openIndexInventory()), heldIndexTag: () => Promise.resolve(indexTag(systems, true)) };
  const samples = new Samples({ config, engine, store, documentKeys, keys, looks, index: room.index, again: 0 });
  samples.use({
    work: createInlineWork({
      ...{ ...TOOLS, ...indexTools(R4, SEARCH_PARAMETERS, { systems, hasFullText: true }) },
      sealCertificates: () => keys.sealCertificates,
      pages: () => Promise.reject(new Error("no page is made")),
      earlierDeposit: () => Promise.resolve(undefined),
    }),
    describeFeed: feedDescriber(keys, { store, documentKeys }),
    personIdOf: personIds(keys, systems),
  });
  const size = (await store.checkpoint())?.size ?? 0;
  for (let turn = 0; turn < turns; turn++) for (let place = 0; place < size; place++) await samples.lookAt(place);
  await samples.lookBeyond();
  await samples.close();
  await room.close();
  return { told, warning: looks.warning() };
}
