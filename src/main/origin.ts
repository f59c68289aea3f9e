/** The log's name: set once, before the first start, and another one for a log that goes on elsewhere. A part of the composition root. */
import type { Initialised } from "../cli/log-tools.ts";
import type { Config } from "../config.ts";
import { Fault, parseOrigin } from "../config/values.ts";
import { AppError } from "../core/errors.ts";
import type { NewOrigin } from "../core/formats/new-origin.ts";
import { keysAt, openKeys, openLogKeys } from "../record-keeping.ts";

/** Makes keys and an empty database under an origin, before the first start; tells what is there where it was done. AppErrors `conflict`, `invalid`. */
export async function initialise(config: Config, name: string | undefined): Promise<Initialised> {
  const { hasKeys } = await import("../adapters/keys/key-folder.ts");
  const { openEngine } = await import("./engine.ts");
  const origin = name === undefined ? config.logOrigin : namedOrigin(name);
  const isNew = !(await keysAt(config, () => hasKeys(config.keysFolder)));
  const engine = await openEngine(config, { mayCreate: isNew, mayBeOpen: !isNew });
  try {
    const keys = await openKeys(config, { mayCreate: isNew && (await engine.isNew()), origin });
    await engine.holdKeys(keys);
    const { log } = keys;
    if (origin !== undefined && origin !== log.origin)
      throw new AppError("conflict", `there is a repository here, and its log's origin is ${log.origin} for ever: \`chartulary log new-origin\` begins another log`); // prettier-ignore
    return { origin: log.origin, vkey: log.vkey, isNew, keysFolder: config.keysFolder };
  } finally {
    await engine.store.close();
  }
}

/** Lets the log go on under another origin: a key, the first entry, the mark; then the old key is destroyed. After an interruption it is simply run again. */
export async function beginNewOrigin(config: Config, reason: string, name?: string): Promise<NewOrigin & { readonly index: number }> {
  const origin = name === undefined ? undefined : namedOrigin(name);
  const { makeLogKey, retirePastLogs } = await import("../adapters/keys/log-key-files.ts");
  const { keyTextsOf } = await import("./keys-elsewhere.ts");
  const { watermarkFile } = await import("../adapters/keys/watermark-file.ts");
  const { openEngine } = await import("./engine.ts");
  const origins = await import("../pipeline/log/new-origin.ts");
  const texts = keyTextsOf(config);
  let keys = await openKeys(config, { mayCreate: false, texts });
  const watermark = watermarkFile(config.watermarkFile);
  const engine = await openEngine(config);
  const { store } = engine;
  try {
    await engine.holdKeys(keys);
    await openLogKeys(config, { keys, store, texts });
    const closure = await store.closure();
    // Before a key is made that nothing is ever signed with.
    if (closure !== undefined)
      throw new AppError("conflict", `the log was closed here for ever on ${closure.at}, and goes on in ${closure.to}: begin the new origin there`);
    if (origin !== undefined && [keys.log, ...keys.pastLogs].some((one) => one.origin === origin))
      throw new AppError("conflict", `${origin} is the name of a log that is here: two logs under one name would contradict each other`);
    if (keys.pastLogs.length === 0 || (await origins.hasBegun(keys.log, store, watermark))) {
      await keysAt(config, () => makeLogKey(texts, origin));
      keys = await openKeys(config, { mayCreate: false, texts });
      await openLogKeys(config, { keys, store, texts });
    }
    const [previous] = keys.pastLogs;
    if (previous === undefined) throw new AppError("internal", "the key of the new log was not made");
    const begun = await origins.beginNewOrigin({ store, watermark, previous, signer: keys.log, reason, now: new Date() });
    await keysAt(config, () => retirePastLogs(texts));
    return begun;
  } finally {
    await store.close();
  }
}
/** A name of a log as an operator gave it. AppError `invalid`. */
function namedOrigin(text: string): string {
  const origin = parseOrigin(text);
  if (origin instanceof Fault) throw new AppError("invalid", `--origin ${origin.text}`);
  return origin;
}
