/** Holding, releasing and erasing for the command line, beside a service that may run. A part of the composition root. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { erasuresFile } from "../adapters/keys/erasures-file.ts";
import { indexTagIn, openIndex } from "../adapters/sqlite/open-index.ts";
import type { OpenCustody } from "../cli/command.ts";
import type { Config } from "../config.ts";
import type { Definitions } from "../core/fhir/r4/definitions.ts";
import { eraseDocument, holdDocument, releaseDocument, type CustodyContext } from "../pipeline/custody.ts";
import { honourErasures } from "../pipeline/erasures.ts";
import type { DepositGate } from "../pipeline/gate.ts";
import type { Ledger } from "../pipeline/log/ledger.ts";
import type { DocumentKeys } from "../pipeline/store/document-keys.ts";
import type { RecordStore } from "../pipeline/store/record-store.ts";
import { Indexer } from "../search/indexer.ts";
import { indexTag } from "../search/summary.ts";
import { indexAt, indexSource } from "./derived.ts";

/** How long the index may take to come up to the log, in milliseconds. */
const PATIENCE = 60_000;

export interface BesideRecord {
  readonly store: RecordStore;
  /** As they are kept, whatever the log says of erasures. */
  readonly keptKeys: DocumentKeys;
  readonly ledger: Ledger;
  readonly gate: DepositGate;
}

export function openCustody(config: Config, { store, keptKeys, ledger, gate }: BesideRecord, definitions: Definitions): OpenCustody {
  const using: CustodyContext = {
    ...{ store, ledger, gate },
    documentKeys: keptKeys,
    erasures: erasuresFile(config.erasuresFile),
    newId: () => randomUUID(),
  };
  return {
    hold: (order) => holdDocument(order, using),
    release: (order) => releaseDocument(order, using),
    erase: async (order) => {
      const result = await eraseDocument(order, using);
      return { ...result, isUnlisted: await takeOutOfIndex() };
    },
    close: async () => {
      await ledger.close();
      await store.close();
    },
  };

  /** Brings the index up to the erasure. False when that is left to the service: an index that was made otherwise must not be emptied here. */
  async function takeOutOfIndex(): Promise<boolean> {
    const tag = await indexTagIn(join(config.dataFolder, "index.db"));
    if (tag === undefined) return true;
    if (tag !== indexTag(config.patientSystems)) return false;
    const room = await indexAt(config, openIndex);
    let isSound = true;
    const indexer = new Indexer(room.index, {
      source: indexSource(store, honourErasures(keptKeys, store), definitions),
      systems: config.patientSystems,
      onFault: () => (isSound = false),
    });
    const missing = await indexer.reach(undefined, PATIENCE);
    await indexer.close();
    await room.close();
    return missing === 0 && isSound;
  }
}
