/** A FHIR server that is measured, ours or another: what is put into it and asked of it is the same. */
import { Agent, request } from "node:http";
import { measure, type Measured } from "./measure.ts";
import { processorTime } from "./processor-time.ts";
import { asTransaction, searchDocument } from "./search-documents.ts";
import { progress } from "./search-folder.ts";
import { ALL, type Filled, type Question } from "./search-questions.ts";

export interface Side {
  readonly name: string;
  readonly figure: string;
  /** `http://127.0.0.1:8080/fhir` */
  readonly base: string;
  /** Whether it takes documents; another is sent their resources as a transaction. */
  readonly hasDocuments: boolean;
  /** Processes whose time is its time, and that of their children. */
  readonly processes: readonly number[];
}

export interface Asked extends Measured {
  /** Time of processors that the server took for each, in milliseconds; undefined where it cannot be known. */
  readonly processor: number | undefined;
}

const CLIENTS = 8;

/** Whoever sends the documents of a run. `run`: makes their identities its own. */
export class Client {
  readonly side: Side;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #run: string;

  constructor(side: Side, run: string) {
    this.side = side;
    this.#run = run;
  }

  close(): void {
    this.#agent.destroy();
  }

  async deposit(number: number): Promise<void> {
    const { hasDocuments } = this.side;
    const body = hasDocuments ? searchDocument(number, this.#run) : asTransaction(number, this.#run);
    const { status, text } = await this.#send(hasDocuments ? `${this.side.base}/Bundle` : this.side.base, body);
    if (status !== 200 && status !== 201) throw new Error(`${this.side.name} answered a deposit with ${status}: ${text.slice(0, 500)}`);
  }

  /** Documents from `first` on, by eight clients at once, for `longest` milliseconds at most: all of those that it counts are there. */
  async fill(first: number, count: number, longest = Infinity): Promise<Asked> {
    const tell = progress(`${this.side.name}: documents`);
    return this.#watched(() =>
      measure(
        async (number) => {
          await this.deposit(first + number);
          tell(number);
        },
        { count, width: CLIENTS, longest },
      ),
    );
  }

  /** A Bundle that answers a search. */
  async search(address: string): Promise<Found> {
    const { status, text } = await this.#send(/^https?:/.test(address) ? address : `${this.side.base}/${address}`);
    if (status !== 200) throw new Error(`${this.side.name} answered ${address} with ${status}: ${text.slice(0, 500)}`);
    return JSON.parse(text) as Found;
  }

  /** The same question with other values, one at a time. */
  async ask(question: Question, filled: Filled, rounds: number): Promise<Asked & { readonly found: number }> {
    let found = 0;
    for (let round = 0; round < rounds / 10; round++) await this.search(question.path(rounds + round, filled));
    const asked = await this.#watched(() =>
      measure(
        async (round) => {
          found += (await this.search(question.path(round, filled))).entry?.length ?? 0;
        },
        { count: rounds, width: 1, longest: 60_000 },
      ),
    );
    return { ...asked, found: found / asked.count };
  }

  /** All pages of what stands once in each document: how long each took, in milliseconds. */
  async pages(): Promise<{ readonly times: readonly number[]; readonly found: number }> {
    const times: number[] = [];
    let found = 0;
    for (let next: string | undefined = ALL; next !== undefined;) {
      const begun = performance.now();
      const page: Found = await this.search(next);
      times.push(performance.now() - begun);
      found += page.entry?.filter(({ search }) => search?.mode !== "outcome").length ?? 0;
      next = page.link?.find(({ relation }) => relation === "next")?.url;
    }
    return { times, found };
  }

  async #watched(work: () => Promise<Measured>): Promise<Asked> {
    const before = processorTime(this.side.processes);
    const measured = await work();
    const after = processorTime(this.side.processes);
    return { ...measured, processor: before === undefined || after === undefined ? undefined : (after - before) / measured.count };
  }

  #send(address: string, body?: Uint8Array): Promise<{ readonly status: number; readonly text: string }> {
    const headers = body ? { "Content-Type": "application/fhir+json", "Content-Length": body.length, Prefer: "return=minimal" } : {};
    return new Promise((resolve, reject) => {
      const asked = request(address, { method: body ? "POST" : "GET", agent: this.#agent, headers }, (response) => {
        const pieces: Buffer[] = [];
        response.on("data", (piece: Buffer) => pieces.push(piece));
        response.once("end", () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(pieces).toString("utf8") }));
      });
      asked.once("error", reject).end(body);
    });
  }
}

export interface Found {
  readonly total?: number;
  readonly link?: readonly { readonly relation: string; readonly url: string }[];
  readonly entry?: readonly {
    readonly resource: { readonly resourceType: string; readonly id: string };
    readonly search?: { readonly mode?: string };
  }[];
}
