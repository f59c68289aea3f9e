/**
 * Stands between the driver and a server and speaks their protocol: answers a command in the server's place, or lets it happen and says something else. So tests see what one node never does: elections, majorities that do not
 * confirm, reads that are behind. Messages are OP_MSG (mongodb.com/docs/manual/reference/mongodb-wire-protocol); all others go through as they are.
 */
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { BSON } from "mongodb";

type Document = Record<string, unknown>;

/** A command as it was sent: its first field names it, and the value is the collection. */
export interface SentCommand {
  readonly name: string;
  readonly collection: string;
  readonly document: Document;
}

/** What is done with a command. `instead`: the server never hears of it. `said`: it does it, and something else is told. */
export type Deed = { readonly instead: Document } | { readonly said: (answer: Document) => Document };

/** Undefined: it goes through. */
export type Rule = (command: SentCommand) => Deed | undefined;

export interface WireProxy {
  readonly port: number;
  /** From now on; without one everything goes through. */
  rule: Rule | undefined;
  /** How many commands were not let through as they were. */
  readonly deeds: number;
  close(): Promise<void>;
}

const HEADER = 16;
const OP_MSG = 2013;
const CHECKSUM = 1;

export async function openWireProxy(target: number): Promise<WireProxy> {
  const sockets = new Set<Socket>();
  const state: { rule: Rule | undefined; deeds: number } = { rule: undefined, deeds: 0 };
  const server = createServer((client) => {
    const upstream = connect(target, "127.0.0.1");
    /** By the number of the request. */
    const altered = new Map<number, (answer: Document) => Document>();
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => undefined).on("close", () => void (sockets.delete(socket), other.destroy()));
    }
    client.on(
      "data",
      whole((message) => {
        const command = commandIn(message);
        const deed = command && state.rule?.(command);
        if (deed) state.deeds++;
        const number = message.readInt32LE(4);
        if (deed && "instead" in deed) return void client.write(answerTo(number, deed.instead));
        if (deed) altered.set(number, deed.said);
        upstream.write(message);
      }),
    );
    upstream.on(
      "data",
      whole((message) => {
        const number = message.readInt32LE(8);
        const change = altered.get(number);
        altered.delete(number);
        client.write(change ? answerTo(number, change(bodyOf(message))) : message);
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    get rule() {
      return state.rule;
    },
    set rule(rule) {
      state.rule = rule;
    },
    get deeds() {
      return state.deeds;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Tells whole messages of what comes in pieces. */
function whole(take: (message: Buffer) => void): (bytes: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    while (rest.length >= HEADER && rest.length >= rest.readInt32LE(0)) {
      const message = rest.subarray(0, rest.readInt32LE(0));
      rest = rest.subarray(message.length);
      take(message);
    }
  };
}

function commandIn(message: Buffer): SentCommand | undefined {
  if (message.readInt32LE(12) !== OP_MSG) return undefined;
  const document = bodyOf(message);
  const [name = "", collection] = Object.entries(document)[0] ?? [];
  return { name, collection: typeof collection === "string" ? collection : "", document };
}

/** The section of kind 0; types stay what they are. */
function bodyOf(message: Buffer): Document {
  const end = message.length - ((message.readUInt32LE(HEADER) & CHECKSUM) === 0 ? 0 : 4);
  for (let at = HEADER + 4; at < end;) {
    const length = message.readInt32LE(at + 1);
    if (message[at] === 0) return BSON.deserialize(message.subarray(at + 1, at + 1 + length), { promoteValues: false });
    at += 1 + length;
  }
  return {};
}

function answerTo(number: number, document: Document): Buffer {
  const body = BSON.serialize(document);
  const message = Buffer.alloc(HEADER + 5 + body.length);
  message.writeInt32LE(message.length, 0);
  message.writeInt32LE(number, 8);
  message.writeInt32LE(OP_MSG, 12);
  message.set(body, HEADER + 5);
  return message;
}
