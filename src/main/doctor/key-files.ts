/** The files of the keys: whether one lies there in clear, for whoever can read the folder or a copy of it. */
import type { Config } from "../../config.ts";
import { backupsInClear } from "../backup.ts";
import { keyTextsOf } from "../keys-elsewhere.ts";
import { notice, wrong, type Tell } from "./examination.ts";

const HOW = "`docs/operating.md`, No key in a file";

export async function lookAtKeyFiles(config: Config, tell: Tell): Promise<void> {
  const texts = keyTextsOf(config);
  const kept = await texts.kept();
  const clear = kept.filter(({ by }) => by === undefined).map(({ name }) => name);
  const wrapped = kept.filter(({ by }) => by !== undefined);
  if (clear.length > 0 && texts.by !== undefined) tell(wrong(`keys lie in clear in ${config.keysFolder}, and VAULT_TRANSIT_KEY names one that wraps them: ${clear.join(", ")}`, "`chartulary keys rewrap`: the master key, too, is another one then")); // prettier-ignore
  else if (clear.length > 0) tell(notice(`keys lie in clear in ${config.keysFolder}, and whoever reads it reads every document: ${clear.join(", ")}`, `have Vault wrap them (${HOW}); else keep the folder on an encrypted disk, for the service's user alone`)); // prettier-ignore
  const others = wrapped.filter(({ by }) => by !== texts.by);
  if (others.length > 0)
    tell(
      notice(
        `wrapped by another key than VAULT_TRANSIT_KEY names (${texts.by ?? "none: new keys are written in clear"}): ${others.map(({ name, by }) => `${name} by ${by ?? ""}`).join(", ")}`,
        "set VAULT_TRANSIT_KEY right, or `chartulary keys rewrap --files`",
      ),
    );
  if (wrapped.length === 0) return;
  for (const folder of await backupsInClear(config)) tell(wrong(`the backup ${folder} has keys in clear, from before they were wrapped`, `\`chartulary backup ${folder} --with-keys\`, and destroy other copies of its repository-keys.tar`)); // prettier-ignore
}
