/** Ports as they are, with somebody who looks on: each call of a method is a step. */
import type { Watch, StepKind } from "../core/watch.ts";
import type { DepositContext } from "../pipeline/deposit.ts";
import type { PdfEngine } from "../pipeline/render/pdf-engine.ts";
import type { WrappedKeys } from "../pipeline/store/document-keys.ts";
import type { RecordStore } from "../pipeline/store/record-store.ts";
import type { Work } from "../pipeline/work/work.ts";
import type { IndexPort } from "../search/index-port.ts";

type Method = (...given: readonly unknown[]) => unknown;

/** The record, and how many entries each commit made durable. */
export function watchedRecord(store: RecordStore, watch: Watch): RecordStore {
  const commit = async (...given: Parameters<RecordStore["commit"]>): ReturnType<RecordStore["commit"]> => {
    const result = await watch.step(
      { kind: "record", name: "commit" },
      () => store.commit(...given),
      ({ kind }) => kind,
    );
    if (result.kind === "committed") watch.committed(given[0].ids.length, given[0].checkpoint.size);
    return result;
  };
  return watching(store, RECORD, { kind: "record", watch, instead: new Map([["commit", commit as Method]]) });
}

const RECORD = ["stage", "checkpoint", "nodes", "entries", "entry", "entriesAbout", "claimed", "content", "evidence", "proof", "check"] as const;

export function watchedKeys(keys: WrappedKeys, watch: Watch): WrappedKeys {
  return watching(keys, ["keep", "read", "replace", "destroy"], { kind: "keys", watch });
}

export function watchedIndex(index: IndexPort, watch: Watch): IndexPort {
  return watching(index, INDEX, { kind: "index", watch });
}

const INDEX = [
  "advance",
  "deepen",
  "document",
  "documents",
  "named",
  "related",
  "newest",
  "search",
  "find",
  "among",
  "estimate",
  "targets",
  "referrers",
  "resources",
  "numbersOf",
  "bounds",
] as const satisfies readonly (keyof IndexPort)[];

/** Tasks by their names, waiting for a worker included. */
export function watchedWork(work: Work, watch: Watch): Work {
  return {
    do: (name, input, job) => watch.step({ kind: "work", name }, () => work.do(name, input, job)),
    close: () => work.close(),
  };
}

export function watchedPdfEngine(engine: PdfEngine, watch: Watch): PdfEngine {
  return {
    render: (html, furniture) => watch.step({ kind: "pdf", name: "print" }, () => engine.render(html, furniture)),
    close: () => engine.close(),
  };
}

/** The stages of a deposit, as `deposit.ts` tells them: the gate, the admission (read, validated, its signature checked, encrypted), the key, the commit, the index. */
export function watchedDeposit(context: DepositContext, watch: Watch): DepositContext {
  const { gate, work, ledger, documentKeys, takeIn } = context;
  // Whatever a stage is given goes on to it: a condition that stayed behind here would not be held to.
  const stage =
    <Given extends readonly unknown[], Result>(name: string, step: (...given: Given) => Promise<Result>): ((...given: Given) => Promise<Result>) =>
    (...given) =>
      watch.step({ kind: "stage", name }, () => step(...given));
  return {
    ...{ ...context, watch },
    gate: { admit: stage("gate", (...given) => gate.admit(...given)) },
    work: {
      ...work,
      do: (name, input, job) => (name === "admit" ? stage("admission", () => work.do(name, input, job))() : work.do(name, input, job)),
    },
    ledger: { append: stage("commit", (...given: Parameters<typeof ledger.append>) => ledger.append(...given)) },
    documentKeys: { wrap: stage("keys", (...given) => documentKeys.wrap(...given)), read: (id) => documentKeys.read(id) },
    takeIn: stage("index", takeIn),
  };
}

interface Watching {
  readonly kind: StepKind;
  readonly watch: Watch;
  /** What is called in the place of some methods. */
  readonly instead?: ReadonlyMap<string | symbol, Method>;
}

/** Only methods that are named are watched; all are called upon the port itself, whose private parts a stand-in does not have. */
function watching<Port extends object>(port: Port, names: readonly (keyof Port & string)[], { kind, watch, instead }: Watching): Port {
  const methods = new Map<string | symbol, Method>(instead);
  const methodOf = (name: string | symbol, plain: Method): Method => {
    const call: Method = (...given) => Reflect.apply(plain, port, given);
    if (!(names as readonly (string | symbol)[]).includes(name)) return call;
    return (...given) => watch.step({ kind, name: String(name) }, () => Promise.resolve(call(...given)));
  };
  return new Proxy(port, {
    get: (target, name): unknown => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      const known = methods.get(name) ?? methodOf(name, value as Method);
      methods.set(name, known);
      return known;
    },
  });
}
