// A Socket.IO server with the Redis adapter, a client that is connected to it, and an emitter. It is told what to do line by line: {"id", "code"}, where the code is the body of an async
// function that knows all three; each line is answered with {"id", "value"} or {"id", "error"}. It ends with its input.
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { createAdapter } from "@socket.io/redis-adapter";
import { Emitter } from "@socket.io/redis-emitter";
import { createClient } from "redis";
import { Server } from "socket.io";
import { io as connect } from "socket.io-client";

const [url, key] = process.argv.slice(2);
const publishing = createClient({ url });
const subscribing = publishing.duplicate();
await Promise.all([publishing.connect(), subscribing.connect()]);

// Nothing is late because the machine is busy.
const io = new Server({ adapter: createAdapter(publishing, subscribing, { key, requestsTimeout: 60_000 }) });
io.on("connection", (socket) => (socket.data = { user: { name: "Node" } }));
io.on("who", (...args) => args.pop()("node"));
io.on("hello", (...args) => received.push(["hello of a server", ...args]));
const emitter = new Emitter(publishing, { key });

// What the client has been sent, but for questions, which it answers at once.
const received = [];
const server = createServer();
io.attach(server);
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const client = connect(`http://127.0.0.1:${server.address().port}`, { auth: { name: "node" }, transports: ["websocket"] });
client.onAny((...args) => (typeof args.at(-1) === "function" ? args.at(-1)("node", args.length) : received.push(args)));
await new Promise((resolve) => client.once("connect", resolve));
const socket = io.sockets.sockets.get(client.id);

/** Waits until so many events have come, and takes them away. */
async function take(count) {
  await until(() => received.length >= count);
  return received.splice(0, count);
}

async function until(condition) {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

const names = ["io", "client", "socket", "emitter", "take", "until"];
const AsyncFunction = (async () => {}).constructor;
for await (const line of createInterface({ input: process.stdin })) {
  const { id, code } = JSON.parse(line);
  new AsyncFunction(...names, code)(io, client, socket, emitter, take, until).then(
    (value) => console.log(JSON.stringify({ id, value })),
    (error) => console.log(JSON.stringify({ id, error: error.stack })),
  );
}

process.exit(0);
