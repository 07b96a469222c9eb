// A Socket.IO server with one of the Redis adapters (pubsub, sharded or streams), a client that is connected to it, and an emitter. It is told what to do line by line: {"id", "code"}, where the
// code is the body of an async function that knows all three; each line is answered with {"id", "value"} or {"id", "error"}. It ends with its input.
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { createAdapter, createShardedAdapter } from "@socket.io/redis-adapter";
import { Emitter } from "@socket.io/redis-emitter";
import { createAdapter as createStreamsAdapter } from "@socket.io/redis-streams-adapter";
import { createClient, createCluster } from "redis";
import { Server } from "socket.io";
import { io as connect } from "socket.io-client";

const [url, key, mode, recovery] = process.argv.slice(2);
const socket = { reconnectStrategy: 20 };
const [address, ...others] = url.split(",");
const publishing = others.length === 0 ? createClient({ url, socket }) : createCluster({ rootNodes: [address, ...others.map((other) => `redis://${other}`)].map((url) => ({ url })), defaults: { socket } });
const subscribing = publishing.duplicate();
for (const redis of [publishing, subscribing]) redis.on("error", () => {});
await Promise.all([publishing.connect(), subscribing.connect()]);

// Nothing is late because the machine is busy: some adapters wait for 5 s, and can't be told otherwise.
const { setTimeout: wait } = globalThis;
globalThis.setTimeout = (callback, time, ...args) => wait(callback, time === 5_000 ? 60_000 : time, ...args);

const adapters = {
  pubsub: () => createAdapter(publishing, subscribing, { key, requestsTimeout: 60_000 }),
  sharded: () => createShardedAdapter(publishing, subscribing, { channelPrefix: key }),
  streams: () => createStreamsAdapter(publishing, { streamName: key, channelPrefix: key }),
};
const io = new Server({ adapter: adapters[mode](), pingInterval: 600_000, pingTimeout: 600_000, ...(recovery && { connectionStateRecovery: {} }) });
io.on("connection", (socket) => (socket.data.user ??= { name: "Node" }));
io.on("who", (...args) => args.pop()("node"));
io.on("hello", (...args) => received.push(["hello of a server", ...args]));
const emitter = new Emitter(publishing, { key });

// What the client has been sent, but for questions, which it answers at once.
const received = [];
const server = createServer();
io.attach(server);
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const port = server.address().port;
const client = connect(`http://127.0.0.1:${port}`, { auth: { name: "node" }, transports: ["websocket"] });
client.onAny((...args) => (typeof args.at(-1) === "function" ? args.at(-1)("node", args.length) : received.push(args)));
await new Promise((resolve) => client.once("connect", resolve));
const known = { io, client, socket: io.sockets.sockets.get(client.id), emitter, port, publishing, take, until };

/** Waits until so many events have come, and takes them away. */
async function take(count) {
  await until(() => received.length >= count);
  return received.splice(0, count);
}

async function until(condition) {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}

const AsyncFunction = (async () => {}).constructor;
for await (const line of createInterface({ input: process.stdin })) {
  const { id, code } = JSON.parse(line);
  new AsyncFunction(...Object.keys(known), code)(...Object.values(known)).then(
    (value) => console.log(JSON.stringify({ id, value })),
    (error) => console.log(JSON.stringify({ id, error: error.stack })),
  );
}

process.exit(0);
