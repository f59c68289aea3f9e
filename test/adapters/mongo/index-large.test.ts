/** Documents that no row of the database could hold as they are: an index that one of them stops would find no other after it. */
import { expect, test } from "@jest/globals";
import { randomBytes } from "node:crypto";
import { PERMIT_ALL } from "../../../src/search/predicate.ts";
import { newDocument, stepOf } from "../../contracts/indexed.ts";
import { mongoPlace } from "./place.ts";
import { asStranger, describeOnMongo } from "./server.ts";

describeOnMongo("a large document in the index", (url) => {
  test("is found and given back whole, and nothing of it is left when it is removed", async () => {
    const place = await mongoPlace(url);
    const room = await place.open();
    const { index } = await room.openIndex("test");
    const long = "ä日".repeat(10_000);
    const keys = Array.from({ length: 100 }, (_, at) => `identifier:${at}|${randomBytes(50_000).toString("hex")}`);
    const large = newDocument({
      from: 0,
      summary: { title: "日本語 \u{1f9ec} ".repeat(100_000) },
      links: { ownKeys: [`url:${long}1`, ...keys], claims: [{ relation: "replaces", key: `url:${long}2` }] },
      terms: ["ada", long, ...Array.from({ length: 30_000 }, (_, at) => `word${at}`)],
      facts: { patient: [`identifier:${long}3`, ...keys] },
    });
    const { terms: _, header: __, ...asRead } = large;
    expect(await index.advance(stepOf([large]))).toBe("advanced");
    expect(await index.advance(stepOf([newDocument({ from: 1, terms: ["ada"] })]))).toBe("advanced");
    expect((await index.newest(10, PERMIT_ALL)).map(({ from }) => from)).toEqual([1, 0]);
    const questions = [
      index.document(large.summary.id, PERMIT_ALL).then((found) => [found]),
      index.named([`url:${long}1`], PERMIT_ALL),
      index.claiming([`url:${long}2`], PERMIT_ALL),
      index.search([long.slice(0, 5_000)], 10, PERMIT_ALL),
      index.newest(10, { kind: "any", column: "patient", values: [`identifier:${long}3`] }),
    ];
    for (const found of await Promise.all(questions)) expect(found).toEqual([asRead]);
    expect(await index.named([`url:${long}`, `url:${long}2`], PERMIT_ALL)).toEqual([]);

    await index.advance({ ...stepOf([], 2), to: 3, mark: "3", removed: [large.summary.id] });
    expect((await index.newest(10, PERMIT_ALL)).map(({ from }) => from)).toEqual([1]);
    const left = await asStranger(place.url, (client) => client.db().collection("index_documents").find({ from: 0 }).toArray());
    expect(left.length).toBeGreaterThan(5);
    expect(left.map((row) => Object.keys(row))).toEqual(left.map(() => ["_id", "generation", "from", "asOf"]));
    await room.store.close();
    await place.remove();
  });
});
