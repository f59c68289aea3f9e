import { chmod, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { browserCandidates } from "../../../src/adapters/chromium/candidates.ts";
import { makePrivateFolder } from "../../../src/adapters/chromium/private-folder.ts";

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "chartulary-candidates-"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("browserCandidates", () => {
  test("the browser that the operator named, and no other", async () => {
    const places: string[] = [];
    for await (const one of browserCandidates({ executablePath: "/opt/mine", cacheFolder: folder, searchPath: folder }))
      places.push(one.executablePath);
    expect(places).toEqual(["/opt/mine"]);
  });

  test("what is on the search path, a headless shell first; what cannot be run and what is relative is passed over", async () => {
    await writeFile(path.join(folder, "chromium"), "", { mode: 0o755 });
    await writeFile(path.join(folder, "chrome-headless-shell"), "", { mode: 0o755 });
    await writeFile(path.join(folder, "google-chrome"), "", { mode: 0o644 });
    const places: string[] = [];
    for await (const one of browserCandidates({ cacheFolder: folder, searchPath: ["bin", folder].join(path.delimiter) })) {
      places.push(one.executablePath);
      if (one.executablePath === path.join(folder, "chromium")) break;
    }
    expect(places.filter((place) => place.startsWith(folder))).toEqual([path.join(folder, "chrome-headless-shell"), path.join(folder, "chromium")]);
  });
});

describe("makePrivateFolder", () => {
  const onPosix = process.platform === "win32" ? test.skip : test;

  onPosix("makes a folder that only we can enter, and accepts it again", async () => {
    const place = path.join(folder, "a", "b");
    await makePrivateFolder(place);
    await makePrivateFolder(place);
  });

  onPosix("refuses one that others can write to, and a link", async () => {
    const shared = path.join(folder, "shared");
    await makePrivateFolder(shared);
    await chmod(shared, 0o777);
    await expect(makePrivateFolder(shared)).rejects.toMatchObject({ code: "unavailable" });
    await symlink(path.join(folder, "a"), path.join(folder, "link"));
    await expect(makePrivateFolder(path.join(folder, "link"))).rejects.toMatchObject({ code: "unavailable" });
  });
});
