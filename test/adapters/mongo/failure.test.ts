/** What a server answers that has no majority, no room or no time, at the insert that is the commit and at those before it: told as what it is, nothing is half there, and it goes on by itself. */
import { expect, test } from "@jest/globals";
import { randomBytes } from "node:crypto";
import { Collection, MongoServerError } from "mongodb";
import { failureOf } from "../../../src/adapters/mongo/failure.ts";
import { Ledger } from "../../../src/pipeline/log/ledger.ts";
import { audit } from "../../contracts/audit.ts";
import { newSigner, sealed } from "../../contracts/sealed.ts";
import { mongoPlace } from "./place.ts";
import { describeOnMongo } from "./server.ts";

/** Codes of src/mongo/base/error_codes.yml, and what whoever operates it is told. */
const ANSWERS: readonly (readonly [number, string, RegExp])[] = [
  [13, "Unauthorized", /its role may not do this/],
  [18, "AuthenticationFailed", /does not know the service's user/],
  [50, "MaxTimeMSExpired", /did not answer in time/],
  [64, "WriteConcernFailed", /majority did not confirm in time/],
  [91, "ShutdownInProgress", /is stopping/],
  [100, "UnsatisfiableWriteConcern", /too few members/],
  [189, "PrimarySteppedDown", /primary stepped down/],
  [10_107, "NotWritablePrimary", /primary stepped down/],
  [11_600, "InterruptedAtShutdown", /is stopping/],
  [11_602, "InterruptedDueToReplStateChange", /primary stepped down/],
  [13_435, "NotPrimaryNoSecondaryOk", /primary stepped down/],
  [14_031, "OutOfDiskSpace", /disk is full/],
  [112, "WriteConflict", /refused a command \(WriteConflict\)/],
];

function answered(code: number, codeName: string): MongoServerError {
  return new MongoServerError({ message: "10.0.0.1:27017 secret words of the server", code, codeName });
}

test.each(ANSWERS)("%i %s is told in words, without what the server said", (code, name, words) => {
  const failure = failureOf(answered(code, name));
  expect(failure).toMatchObject({ code: "unavailable", message: expect.stringMatching(words) });
  expect(failure.message).not.toMatch(/10\.0|secret/);
});

test.each([2, 9, 14, 10_334, 11_000])("%i is a fault of ours", (code) => expect(failureOf(answered(code, "x")).code).toBe("internal"));

/** While it works, inserts into a collection are answered so; `isDone`: after they were done. */
async function whileAnswered<Result>(
  collection: string,
  { error, isDone }: { readonly error: MongoServerError; readonly isDone: boolean },
  work: () => Promise<Result>,
): Promise<Result> {
  const original = Reflect.get(Collection.prototype, "insertOne") as (this: unknown, ...values: unknown[]) => Promise<unknown>;
  Reflect.set(Collection.prototype, "insertOne", async function (this: Collection, ...values: unknown[]) {
    const done = this.collectionName !== collection || isDone ? await original.apply(this, values) : undefined;
    if (this.collectionName === collection) throw error;
    return done;
  });
  try {
    return await work();
  } finally {
    Reflect.set(Collection.prototype, "insertOne", original);
  }
}

describeOnMongo("a server that refuses", (url) => {
  test.each(ANSWERS)(
    "with %i %s: the deposit is refused, or there when it was done after all, and the next goes through",
    async (code, name, words) => {
      const place = await mongoPlace(url);
      const signer = newSigner();
      const { store, keys } = await place.open();
      const ledger = await Ledger.open(store, signer);
      const kept: string[] = [];
      for (const isDone of [false, true])
        for (const collection of ["keys", "staged", "commits"]) {
          const document = sealed();
          const deposited = await whileAnswered(collection, { error: answered(code, name), isDone }, () =>
            keys.keep(document.id, new Uint8Array(randomBytes(65))).then(() => ledger.append([document])),
          ).catch((error: unknown) => error);
          // The commit is looked up: what was done is acknowledged, whatever the server said.
          if (isDone && collection === "commits") {
            expect(deposited).toMatchObject({ kind: "stored" });
            kept.push(document.id);
          } else expect(deposited).toMatchObject({ code: "unavailable", message: expect.stringMatching(words) });
          expect(ledger.halt).toBeUndefined();
          const next = sealed();
          expect(await ledger.append([next])).toMatchObject({ kind: "stored" });
          kept.push(next.id);
        }
      expect((await audit(store, signer)).map(({ id }) => id)).toEqual(kept);
      expect(await place.orphans()).toEqual([]);
      await store.close();
    },
  );
});
