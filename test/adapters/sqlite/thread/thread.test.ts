/** What is peculiar to a database in a thread of its own: how errors come out of it, and what is left when it ends by itself. */
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { writeFileSync } from "node:fs";
import { openIndex } from "../../../../src/adapters/sqlite/open-index.ts";
import { openSqlite } from "../../../../src/adapters/sqlite/open.ts";
import { openIndexThread } from "../../../../src/adapters/sqlite/thread/index-thread.ts";
import { openSqliteThread } from "../../../../src/adapters/sqlite/thread/sqlite-thread.ts";
import { AppError } from "../../../../src/core/errors.ts";
import { Ledger } from "../../../../src/pipeline/log/ledger.ts";
import { PERMIT_ALL } from "../../../../src/search/predicate.ts";
import { audit } from "../../../contracts/audit.ts";
import { newSigner, sealed } from "../../../contracts/sealed.ts";
import { sqliteIndexPlace } from "../index-place.ts";
import { sqlitePlace, type SqlitePlace } from "../place.ts";

const MORTAL = new URL("./mortal-worker.ts", import.meta.url);
const signer = newSigner();
let place: SqlitePlace;
beforeEach(() => {
  place = sqlitePlace();
});
afterEach(() => place.remove());

/** What there is to know of an error, without the lines where it was made. */
function factsOf(error: unknown): unknown {
  if (typeof error !== "object" || error === null) return error;
  const facts = ["name", "message", "code", "errcode", "errstr"].map((fact) => Reflect.get(error, fact) as unknown);
  return [error instanceof AppError, ...facts, factsOf(Reflect.get(error, "cause"))];
}

describe("errors are those that come without a thread, with all that is underneath", () => {
  const failing = async (work: Promise<unknown>): Promise<unknown> => {
    const error: unknown = await work.then(
      () => "none",
      (cause: unknown) => cause,
    );
    return factsOf(error);
  };

  test("of a file that can't be opened", async () => {
    await (await openSqlite(place.file)).store.close();
    writeFileSync(place.file, "a letter to the editor ".repeat(1_000));
    const here = await failing(openSqlite(place.file));
    expect(await failing(openSqliteThread(place.file))).toEqual(here);
    expect(JSON.stringify(here)).toContain("26");
  });

  test("of a statement that fails", async () => {
    const told = [];
    for (const open of [openSqlite, openSqliteThread]) {
      const { store } = await open(place.file);
      const ledger = await Ledger.open(store, signer);
      place.tamper("CREATE TRIGGER fault AFTER INSERT ON claims BEGIN SELECT RAISE(ABORT, 'injected'); END");
      told.push(await failing(ledger.append([sealed()])));
      place.tamper("DROP TRIGGER fault");
      await store.close();
    }
    expect(told[1]).toEqual(told[0]);
    expect(JSON.stringify(told)).toContain("injected");
  });
});

describe("a record's thread that ends by itself", () => {
  test("leaves what was acknowledged whole, refuses everything, says so, and the next start goes on", async () => {
    const { store, wrappedKeys } = await openSqliteThread(place.file, {}, MORTAL);
    const ledger = await Ledger.open(store, signer);
    const before = sealed();
    await ledger.append([before]);
    const pending = ledger.append([sealed({ size: 3_000_000 })]);
    const last = store.entry("the end");
    await expect(last).rejects.toMatchObject({ code: "unavailable", cause: { message: "this was the end" } });
    const came = await pending.catch((error: unknown) => error);
    expect(came).toMatchObject({ code: "unavailable" });
    expect(store.fault()).toMatch(/thread that has the database open ended/);
    for (const refused of [store.checkpoint(), store.check(), wrappedKeys.read(before.id), ledger.append([sealed()])])
      await expect(refused).rejects.toMatchObject({ code: "unavailable" });
    await store.close();

    const again = (await openSqliteThread(place.file)).store;
    expect(await audit(again, signer)).toEqual([expect.objectContaining({ id: before.id })]);
    expect(await (await Ledger.open(again, signer)).append([sealed()])).toMatchObject({ kind: "stored" });
    await again.close();
    expect(await place.orphans()).toEqual([]);
  });
});

test("an index's thread that ends by itself is started anew with the next question", async () => {
  const index = sqliteIndexPlace();
  const opened = await openIndexThread(index.file, { tag: "test" }, MORTAL);
  opened.verdicts.put("sha256:00", "clean");
  const beside = await opened.index.beside();
  await expect(opened.index.document("the end", PERMIT_ALL)).rejects.toMatchObject({ code: "unavailable" });
  expect(await opened.verdicts.get("the end")).toBeUndefined();
  expect(await opened.index.position()).toEqual({ size: 0, mark: "" });
  expect(await opened.verdicts.get("sha256:00")).toBe("clean");
  await expect(beside.position()).rejects.toBeInstanceOf(AppError);
  await opened.close();
  await opened.close();
  await expect(opened.index.position()).rejects.toMatchObject({ code: "unavailable" });
  const here = await openIndex(index.file, { tag: "test" });
  expect(await here.verdicts.get("sha256:00")).toBe("clean");
  await here.close();
  await index.remove();
});
