import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Below the ports that systems give to whoever asks for any (32768 and above on Linux): one that is free now is not given to another test's connection before it is used. */
const [FIRST, BEYOND] = [10_000, 27_000];
let next = randomInt(FIRST, BEYOND - 1_000);

/** A port that nobody listens on at this moment, that nobody is given by chance, and no other than those that this gave before. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = next++;
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false)).listen(port, "127.0.0.1", () => resolve(true));
    });
    if (!isFree) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}
