/** Beside deposits: a message that comes again, and a receiver that slept. A service of its own, over HTTP. */
import { createServer, Agent, request, type Server } from "node:http";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { documentMaker } from "./documents.ts";
import { post, startService } from "./load.ts";
import { measure } from "./measure.ts";
import { processorTime } from "./processor-time.ts";

const SLEPT = Number(process.env["EVENTS_SLEPT"] ?? 2_000);
const AGAIN = 300;
const BYTES = 5_000;
const WIDTH = 8;
const LONGEST = 600_000;
const FHIR = "application/fhir+json";
const BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-";

/** A receiver that can be told to sleep: then it answers 503. Counts events that it took. */
async function listen(): Promise<{ readonly server: Server; readonly port: number; isAsleep: boolean; events: Map<string, number> }> {
  const state = { isAsleep: false, events: new Map<string, number>() };
  const server = createServer((asked, answer) => {
    let text = "";
    asked.setEncoding("utf8").on("data", (piece: string) => (text += piece));
    asked.once("end", () => {
      const path = asked.url ?? "";
      if (state.isAsleep) return void answer.writeHead(503).end();
      const told = path === "/each" ? 1 : text.split('"name":"notification-event"').length - 1;
      state.events.set(path, (state.events.get(path) ?? 0) + told);
      answer.end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return Object.assign(state, { server, port: (server.address() as AddressInfo).port });
}

interface Sent {
  readonly status: number;
  readonly location: string;
}

function send(port: number, agent: Agent, call: { readonly method: string; readonly path: string; readonly body: string }): Promise<Sent> {
  const { method, path, body } = call;
  const headers = { "Content-Type": FHIR, "Content-Length": Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const asked = request({ port, method, path, agent, headers }, (response) => {
      response.resume().once("end", () => resolve({ status: response.statusCode ?? 0, location: response.headers.location ?? "" }));
    });
    asked.once("error", reject).end(body);
  });
}

function messageOf(document: string, base: string): string {
  const [id, focus] = [randomUUID(), `urn:uuid:${randomUUID()}`];
  const header = {
    ...{ resourceType: "MessageHeader", id, eventCoding: { system: `${base}/CodeSystem/message-events`, code: "deposit-document" } },
    ...{ source: { endpoint: "https://clinic.example.org/messages" }, focus: [{ reference: focus }] },
  };
  const entries = `[{"fullUrl":"urn:uuid:${id}","resource":${JSON.stringify(header)}},{"fullUrl":"${focus}","resource":${document}}]`;
  return `{"resourceType":"Bundle","id":"${randomUUID()}","type":"message","timestamp":"2026-03-01T10:00:00Z","entry":${entries}}`;
}

/** Waits until a service has done what follows from deposits (seals, indexes), for a minute at most: who slept for a week meets none of it. */
async function quiet(pid: number): Promise<void> {
  for (let looks = 0, before = processorTime([pid]) ?? 0; looks < 30; looks++) {
    await sleep(2_000);
    const now = processorTime([pid]) ?? 0;
    if (now - before < 200) return;
    before = now;
  }
}

/** Figures by name. */
export async function besides(tell: (text: string) => void): Promise<Record<string, number>> {
  const receiver = await listen();
  const folder = await mkdtemp(join(tmpdir(), "chartulary-events-beside-"));
  const service = await startService(folder, { CALLBACK_ALLOW: "127.0.0.1" });
  const agent = new Agent({ keepAlive: true });
  const base = `http://127.0.0.1:${service.port}/fhir`;
  const make = documentMaker(BYTES);
  try {
    const message = messageOf(Buffer.from(make()).toString("utf8"), base);
    const call = { method: "POST", path: "/fhir/$process-message", body: message };
    if ((await send(service.port, agent, call)).status !== 200) throw new Error("a message was not taken");
    tell(`a message again, ${AGAIN} times`);
    const again = await measure(async () => void (await send(service.port, agent, call)), { count: AGAIN, width: 1, longest: LONGEST });
    tell(`receivers sleep for ${SLEPT} events, and catch up`);
    const each = { resourceType: "Subscription", status: "requested", reason: "bench", criteria: "Patient?gender=female,male,other,unknown" };
    const several = {
      ...{ resourceType: "Subscription", status: "requested", reason: "bench", criteria: `${base}/SubscriptionTopic/document-deposited` },
      channel: {
        ...{ type: "rest-hook", endpoint: `http://127.0.0.1:${receiver.port}/several`, payload: FHIR },
        extension: [{ url: `${BACKPORT}max-count`, valuePositiveInt: 50 }],
        _payload: { extension: [{ url: `${BACKPORT}payload-content`, valueCode: "id-only" }] },
      },
    };
    const asked = [{ ...each, channel: { type: "rest-hook", endpoint: `http://127.0.0.1:${receiver.port}/each` } }, several];
    const made: Sent[] = [];
    for (const resource of asked)
      made.push(await send(service.port, agent, { method: "POST", path: "/fhir/Subscription", body: JSON.stringify(resource) }));
    // Until the handshake was taken.
    await sleep(3_000);
    receiver.isAsleep = true;
    await measure(() => post(service.port, agent, make()), { count: SLEPT, width: WIDTH, longest: LONGEST });
    await quiet(service.pid);
    receiver.isAsleep = false;
    receiver.events.clear();
    const rates: Record<string, number> = {};
    for (const [at, name] of ["each", "several"].entries()) {
      const path = new URL(made[at]?.location ?? "", base).pathname.replace(/\/_history\/.*$/, "");
      const [begun, processor] = [performance.now(), processorTime([service.pid]) ?? 0];
      const body = JSON.stringify({ ...asked[at], id: path.slice(path.lastIndexOf("/") + 1), reason: "bench, awake" });
      const { status } = await send(service.port, agent, { method: "PUT", path, body });
      if (status !== 200) throw new Error(`${path} was answered with ${status}`);
      while ((receiver.events.get(`/${name}`) ?? 0) < SLEPT && performance.now() - begun < LONGEST) await sleep(5);
      rates[`catchUp_${name}_perSecond`] = ((receiver.events.get(`/${name}`) ?? 0) / (performance.now() - begun)) * 1_000;
      rates[`catchUp_${name}_processorMs`] = ((processorTime([service.pid]) ?? 0) - processor) / SLEPT;
    }
    return { duplicateMessage_p50_Ms: again.median, duplicateMessage_p99_Ms: again.p99, ...rates };
  } finally {
    agent.destroy();
    await service.stop();
    receiver.server.closeAllConnections();
    receiver.server.close();
    await rm(folder, { recursive: true, force: true });
  }
}
