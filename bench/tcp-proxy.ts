/** Stands between a program and a server on this machine: cuts their connections, delays what goes through, or swallows it. */
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

export interface TcpProxy {
  readonly port: number;
  /** Ends every connection there is; new ones are taken. */
  cut(): void;
  /** From now on everything is handed on so many milliseconds later, in its order. */
  delay(milliseconds: number): void;
  /** Whether answers are swallowed: requests come to the server, and nobody hears of it. */
  swallow(isSo: boolean): void;
  close(): Promise<void>;
}

export async function openTcpProxy(target: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let late = 0;
  let isSwallowing = false;
  const keep = (socket: Socket, other: Socket): void => {
    sockets.add(socket);
    socket
      .on("error", () => undefined)
      .on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
  };
  const handOn = (to: Socket, bytes: Buffer): void => {
    if (late === 0) to.write(bytes);
    else setTimeout(() => to.write(bytes), late);
  };
  const server = createServer((client) => {
    const upstream = connect(target, "127.0.0.1");
    keep(client, upstream);
    keep(upstream, client);
    client.on("data", (bytes: Buffer) => handOn(upstream, bytes));
    upstream.on("data", (bytes: Buffer) => {
      if (!isSwallowing) handOn(client, bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    delay: (milliseconds) => (late = milliseconds),
    swallow: (isSo) => (isSwallowing = isSo),
    close: () => {
      cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
