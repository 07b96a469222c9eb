// Any number of clients of one server, told what to do line by line: {"id", "code"}, where the code is the body of an async function that knows clients, open, connected, say and hears; each
// line is answered with {"id", "value"} or {"id", "error"}. It ends with its input.
import { Agent } from "node:http";
import { createInterface } from "node:readline";
import { io } from "socket.io-client";

const url = process.argv[2];
const clients = new Map();

/** Connects a client by a name, from an address of its own, and waits until it is on the last of its transports. */
async function open(name, localAddress, transports, withCredentials) {
  const socket = io(url, {
    transports,
    withCredentials,
    agent: new Agent({ localAddress, keepAlive: true }),
    forceNew: true,
    reconnectionDelay: 20,
    reconnectionDelayMax: 200,
  });
  const client = { socket, heard: [], losses: 0 };
  clients.set(name, client);
  socket.on("chat message", (text) => client.heard.push(text));
  socket.on("disconnect", () => client.losses++);
  await until(() => isConnected(client));
}

/** Whether a client is connected by the last of its transports. */
function isConnected({ socket }) {
  return socket.connected && socket.io.engine.transport.name === socket.io.opts.transports.at(-1);
}

/** Waits until a client has lost its connection so many times at least, and has one again. */
async function connected(name, losses) {
  const client = clients.get(name);
  await until(() => client.losses >= losses && isConnected(client));
}

/** Says something, and waits until the server has taken it. */
async function say(name, text) {
  await clients.get(name).socket.timeout(60_000).emitWithAck("chat message", text);
}

/** Waits until a client has heard something. */
async function hears(name, text) {
  await until(() => clients.get(name).heard.includes(text));
}

async function until(condition) {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

const names = ["clients", "open", "connected", "say", "hears"];
const AsyncFunction = (async () => {}).constructor;
for await (const line of createInterface({ input: process.stdin })) {
  const { id, code } = JSON.parse(line);
  new AsyncFunction(...names, code)(clients, open, connected, say, hears).then(
    (value) => console.log(JSON.stringify({ id, value })),
    (error) => console.log(JSON.stringify({ id, error: error.stack })),
  );
}

process.exit(0);
