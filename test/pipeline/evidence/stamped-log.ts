/** A log in a folder of its own, with an authority (OpenSSL's) that stamps it. */
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openTimeAuthority } from "../../../src/adapters/tsa/time-authority.ts";
import { parseCertificate } from "../../../src/core/crypto/certificate.ts";
import { Ledger } from "../../../src/pipeline/log/ledger.ts";
import { EvidenceBook } from "../../../src/pipeline/evidence/evidence-book.ts";
import type { LogStamping } from "../../../src/pipeline/evidence/stamp-log.ts";
import type { Authority } from "../../adapters/tsa/authority.ts";
import { documentJson } from "../../journeys/documents.ts";
import { depositingInto } from "../audit/depositing.ts";
import { openedIn, type OpenedRepository } from "../audit/repository.ts";

export interface StampedLog extends OpenedRepository {
  readonly folder: string;
  readonly ledger: Ledger;
  readonly book: EvidenceBook;
  /** What it is stamped with by an authority. */
  by(authority: Authority): LogStamping;
  /** What was deposited, by id. */
  readonly bodies: ReadonlyMap<string, string>;
  /** Deposits a document; gives its id. */
  deposit(): Promise<string>;
  /** Whatever is in the log, opened anew. */
  close(): Promise<void>;
}

export async function openStampedLog(): Promise<StampedLog> {
  const folder = mkdtempSync(join(tmpdir(), "chartulary-evidence-"));
  const opened = await openedIn(join(folder, "data"), true);
  const { keys, store } = opened;
  const ledger = await Ledger.open(store, keys.log);
  const { put } = depositingInto(opened, ledger);
  const book = new EvidenceBook(store);
  const bodies = new Map<string, string>();
  return {
    ...opened,
    ...{ folder, ledger, book, bodies },
    by: (authority) => {
      const authorities = [parseCertificate(authority.issuer)];
      const onFault = (): void => undefined;
      return {
        ...{ ledger, book, authorities, gate: { admitUnsealed: (at) => Promise.resolve(at) }, newId: () => randomUUID() },
        stamp: openTimeAuthority({ url: authority.url, anchors: authorities, onFault, limits: { rest: 0 } }),
      };
    },
    deposit: async () => {
      const body = documentJson();
      const id = await put(body);
      bodies.set(id, body);
      return id;
    },
    close: async () => {
      await ledger.close();
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
