// Checks with the official client against a server that serves what NodeClientTests sets up: node client.mjs http://127.0.0.1:PORT
import { io } from "socket.io-client";
import { strict as assert } from "node:assert";
import { check, once, runAll, url } from "./checks.mjs";

const transports = {
  "websocket only": { transports: ["websocket"] },
  "polling only": { transports: ["polling"] },
  "polling, then websocket": { transports: ["polling", "websocket"] },
};

for (const [name, options] of Object.entries(transports)) {
  const open = async (path = "", more = {}) => {
    const socket = io(url + path, { ...options, forceNew: true, reconnectionDelay: 10, ...more });
    await once(socket, "connect");
    return socket;
  };

  check(`${name}: a returned value is the ack`, async (use) => {
    const socket = use(await open());
    assert.equal(await socket.emitWithAck("sum", 1, 2), 3);
  });

  check(`${name}: arguments come back as they went, with binary values inside`, async (use) => {
    const socket = use(await open());
    const sent = ["é日本😀\u2028", 1.5, null, { a: [Buffer.from([1, 2]), { b: Buffer.alloc(0) }] }, Buffer.from([255, 0])];
    socket.emit("echo", ...sent);
    assert.deepEqual(await once(socket, "echo"), sent);
  });

  check(`${name}: an ack carries binary values`, async (use) => {
    const socket = use(await open());
    const bytes = Buffer.alloc(100_000, 7);
    assert.deepEqual(await socket.emitWithAck("bytes", bytes), bytes);
  });

  check(`${name}: the client answers the server`, async (use) => {
    const socket = use(await open());
    socket.on("question", (number, answer) => answer(number * 2));
    assert.equal(await socket.emitWithAck("ask me", 21), 42);
  });

  check(`${name}: a room hears what is said in it, and nobody else does`, async (use) => {
    const [first, second, outside] = [use(await open()), use(await open()), use(await open())];
    outside.on("said", () => assert.fail("who is not in the room heard it"));
    await first.emitWithAck("join", name);
    await second.emitWithAck("join", name);
    const heard = once(second, "said");
    first.on("said", () => assert.fail("the sender heard itself"));
    await first.emitWithAck("say", name, "hello");
    assert.deepEqual(await heard, ["hello"]);
    assert.equal(await outside.emitWithAck("sum", 1, 1), 2);
  });

  check(`${name}: a namespace of its own, with its own auth`, async (use) => {
    const socket = use(await open("/admin", { auth: { token: "t" } }));
    assert.equal(await socket.emitWithAck("who"), "t");
    const refused = io(url + "/admin", { ...options, forceNew: true, auth: { token: "x" } });
    use(refused);
    const [error] = await once(refused, "connect_error");
    assert.deepEqual([error.message, error.data], ["not authorized", { code: "E1" }]);
    const missing = use(io(url + "/nowhere", { ...options, forceNew: true }));
    assert.equal((await once(missing, "connect_error"))[0].message, "Invalid namespace");
  });

  check(`${name}: a thousand events arrive in order, whatever the transport does meanwhile`, async (use) => {
    const socket = use(io(url, { ...options, forceNew: true }));
    const received = [];
    const done = new Promise((resolve) => socket.on("echo", (number) => received.push(number) === 1000 && resolve()));
    for (let number = 0; number < 1000; number++) socket.emit("echo", number);
    await done;
    assert.deepEqual(received, [...Array(1000).keys()]);
  });

  check(`${name}: a client that lost its connection comes back, and what it had to say is said`, async (use) => {
    const socket = use(await open());
    const before = socket.id;
    socket.io.engine.close();
    socket.emit("echo", "later");
    assert.deepEqual(await once(socket, "echo"), ["later"]);
    assert.notEqual(socket.id, before);
  });

  check(`${name}: a client that is disconnected is told so`, async (use) => {
    const socket = use(await open());
    socket.emit("kick me");
    assert.equal((await once(socket, "disconnect"))[0], "io server disconnect");
  });
}

check("polling, then websocket: the transport does change", async (use) => {
  const socket = use(io(url, { forceNew: true }));
  await once(socket.io, "open");
  await once(socket.io.engine, "upgrade");
  assert.equal(socket.io.engine.transport.name, "websocket");
  assert.equal(await socket.emitWithAck("sum", 2, 2), 4);
});

await runAll();
