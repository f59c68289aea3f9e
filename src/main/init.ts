/** The first step of an installation: keys and an empty database, under an origin. A part of the composition root. */
import { hasKeys } from "../adapters/keys/key-folder.ts";
import type { Initialised } from "../cli/log-tools.ts";
import type { Config } from "../config.ts";
import type { Keys } from "../core/crypto/keys.ts";
import { AppError } from "../core/errors.ts";
import { followLogKeys } from "../pipeline/log/log-keys.ts";
import { openEngine } from "./engine.ts";

type OpenKeys = (config: Config, options: { readonly mayCreate: boolean; readonly origin?: string | undefined }) => Promise<Keys>;

/** Makes keys and an empty database before the first start; tells what is there where it was done. AppErrors `conflict`, `invalid`. @param origin undefined: that of the settings, or a fresh one */
export async function initialise(config: Config, openKeys: OpenKeys, origin = config.logOrigin): Promise<Initialised> {
  const isNew = !(await hasKeys(config.keysFolder));
  const engine = await openEngine(config, { mayCreate: isNew, mayBeOpen: !isNew });
  try {
    const keys = await openKeys(config, { mayCreate: isNew && (await engine.isNew()), origin });
    await engine.holdKeys(keys);
    // Which of its keys is the newest, the log says.
    await followLogKeys({ keys, store: engine.store });
    const { log } = keys;
    if (origin !== undefined && origin !== log.origin)
      throw new AppError("conflict", `there is a repository here, and its log's origin is ${log.origin} for ever: \`chartulary log new-origin\` begins another log`); // prettier-ignore
    return { origin: log.origin, vkey: log.vkey, isNew, keysFolder: config.keysFolder };
  } finally {
    await engine.store.close();
  }
}
