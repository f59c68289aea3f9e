/** A loop of validations, or of JSON.parse, in a process of its own: `validate-memory.ts validate|parse RESOURCES TIMES` prints how often, resident bytes and heap, five times on the way. */
import { patientSummary } from "./patient-summary.ts";
import { ours } from "./validate-peers.ts";

const [loop, resources, times] = process.argv.slice(2);
const bytes = patientSummary(Number(resources));
const { judge } = ours();
const job = loop === "parse" ? (): boolean => JSON.parse(Buffer.from(bytes).toString("utf8")) !== null : (): boolean => judge(bytes);

for (let done = 1; done <= Number(times); done++) {
  if (!job()) throw new Error("the benchmark's document is refused");
  if (done % (Number(times) / 5) === 0) {
    globalThis.gc?.();
    const { rss, heapUsed } = process.memoryUsage();
    process.stdout.write(`${done} ${rss} ${heapUsed}\n`);
  }
}
