/** Who makes XML seals behind the deposits. A part of the composition root. */
import { randomUUID } from "node:crypto";
import { AppError } from "../core/errors.ts";
import { Follower } from "../followers/follower.ts";
import type { FollowerPositions } from "../followers/position-port.ts";
import { DEFLATED, fetchOriginal, type Original } from "../pipeline/fetch.ts";
import { sealInXml, type XmlSealing } from "../pipeline/later-seals.ts";
import type { Work } from "../pipeline/work/work.ts";
import { xmlDigestBy } from "./index-work.ts";

/** It works when nobody deposited for so long, in milliseconds: it reads each document again, and whoever deposits goes first. */
const QUIET = 500;
/** Where nobody ever leaves off depositing it works beside them once it was put off for so long, in milliseconds, until it has caught up: a seal costs a quarter of what a deposit does. */
const PUT_OFF_FOR = 600_000;

export interface XmlSealerOptions extends Omit<XmlSealing, "digestOf"> {
  readonly positions: FollowerPositions;
  readonly work: Work;
  /** Told of what fails behind the scenes. */
  onFault(error: unknown, what: string): void;
}

/**
 * Follows the log, and seals each document that comes in its XML form. It begins with what comes after its own first start: what was there before keeps the seal of its deposit. A document that is damaged is
 * told of and passed over; whatever else fails is tried again, later and later, and nothing after it before.
 */
export function xmlSealer({ positions, work, onFault, ...using }: XmlSealerOptions): Follower<Original> {
  const { store } = using;
  const sealing: XmlSealing = {
    ...using,
    digestOf: (original) => xmlDigestBy(work, original),
    openContent: (request) => work.do("open", request, { bytes: request.encryptedContent.length * DEFLATED }),
  };
  return new Follower({
    name: "xml-seals",
    holder: randomUUID(),
    log: { size: async () => (await store.checkpoint())?.size ?? 0, entries: (from, count) => store.entries(from, count) },
    positions,
    open: (id) => fetchOriginal(id, sealing),
    concerns: ({ kind }) => kind === "deposit",
    act: async ({ entry }) => {
      try {
        await sealInXml(entry.id, sealing);
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== "damaged") throw error;
        onFault(error, "a document got no XML seal");
      }
    },
    beginsAt: "end",
    onFailure: "retry",
    quiet: QUIET,
    putOffFor: PUT_OFF_FOR,
    onFault: (error) => onFault(error, "XML seals could not be made"),
  });
}
