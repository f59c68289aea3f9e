import { describe, expect, test } from "@jest/globals";
import type { Browser } from "puppeteer-core";
import { openBrowserKeeper } from "../../../src/adapters/chromium/browser-keeper.ts";

/** What the keeper looks at of a browser. */
class FakeBrowser {
  connected = true;
  closed = false;
  process(): null {
    return null;
  }
  close(): Promise<void> {
    this.connected = false;
    this.closed = true;
    return Promise.resolve();
  }
}

function keeperOfFakes(pagesPerBrowser: number): { started: FakeBrowser[]; keeper: ReturnType<typeof openBrowserKeeper> } {
  const started: FakeBrowser[] = [];
  const launch = (): Promise<Browser> => {
    const browser = new FakeBrowser();
    started.push(browser);
    return Promise.resolve(browser as unknown as Browser);
  };
  return { started, keeper: openBrowserKeeper(launch, pagesPerBrowser) };
}

describe("openBrowserKeeper", () => {
  test("starts nothing before it is asked, and one browser for many pages", async () => {
    const { started, keeper } = keeperOfFakes(10);
    expect(started).toHaveLength(0);
    const [a, b] = await Promise.all([keeper.take(), keeper.take()]);
    expect(a).toBe(b);
    expect(started).toHaveLength(1);
  });

  test("starts another when the first has gone", async () => {
    const { started, keeper } = keeperOfFakes(10);
    keeper.giveBack(await keeper.take());
    started[0]!.connected = false;
    const next = await keeper.take();
    expect(next).toBe(started[1]);
  });

  test("replaces a browser after its pages, but lets the last of them finish", async () => {
    const { started, keeper } = keeperOfFakes(2);
    const first = await keeper.take();
    const second = await keeper.take();
    await keeper.take();
    expect(started).toHaveLength(2);
    keeper.giveBack(first);
    expect(started[0]!.closed).toBe(false);
    keeper.giveBack(second);
    expect(started[0]!.closed).toBe(true);
    expect(started[1]!.closed).toBe(false);
  });

  test("a browser that cannot be started is tried again at the next call", async () => {
    let attempts = 0;
    const keeper = openBrowserKeeper(() => {
      attempts++;
      return attempts === 1 ? Promise.reject(new Error("none")) : Promise.resolve(new FakeBrowser() as unknown as Browser);
    }, 10);
    await expect(keeper.take()).rejects.toThrow("none");
    expect((await keeper.take()).connected).toBe(true);
  });

  test("closes what runs, and starts nothing afterwards", async () => {
    const { started, keeper } = keeperOfFakes(10);
    await keeper.take();
    await keeper.close();
    expect(started[0]!.closed).toBe(true);
    await expect(keeper.take()).rejects.toThrow();
    expect(started.every((browser) => browser.closed)).toBe(true);
  });
});
