// Checks with the official client against a server that serves what NodeClientTests sets up: node client.mjs URL URL URL
// The second server speaks MessagePack, and the third recovers connections.
import { io } from "socket.io-client";
import parser from "socket.io-msgpack-parser";
import { strict as assert } from "node:assert";
import { check, once, runAll, url } from "./checks.mjs";

const [, , , msgpackUrl, recoveryUrl] = process.argv;

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

    // Until it has heard of it, the client takes itself for connected, and what it says may be lost.
    const lost = once(socket, "disconnect");
    socket.io.engine.close();
    await lost;
    socket.emit("echo", "later");
    assert.deepEqual(await once(socket, "echo"), ["later"]);
    assert.notEqual(socket.id, before);
  });

  check(`${name}: a client that is disconnected is told so`, async (use) => {
    const socket = use(await open());
    socket.emit("kick me");
    assert.equal((await once(socket, "disconnect"))[0], "io server disconnect");
  });

  check(`${name}: a client whose connection is closed is told so once, as the server meant it`, async (use) => {
    const socket = use(await open());
    const reasons = [];
    socket.on("disconnect", (reason) => reasons.push(reason));
    const closed = once(socket.io.engine, "close");
    socket.emit("close me");
    await closed;
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(reasons, ["io server disconnect"]);
  });
}

check("polling, then websocket: the transport does change", async (use) => {
  const socket = use(io(url, { forceNew: true }));
  await once(socket.io, "open");
  await once(socket.io.engine, "upgrade");
  assert.equal(socket.io.engine.transport.name, "websocket");
  assert.equal(await socket.emitWithAck("sum", 2, 2), 4);
});

for (const [name, options] of Object.entries(transports)) {
  const open = async (path = "", more = {}) => {
    const socket = io(msgpackUrl + path, { ...options, parser, forceNew: true, ...more });
    await once(socket, "connect");
    return socket;
  };

  check(`MessagePack, ${name}: values come back as they went`, async (use) => {
    const socket = use(await open());
    const sent = ["é日本😀\u2028", 1.5, -70000, 2 ** 40, null, true, { a: [Buffer.from([1, 2]), { b: Buffer.alloc(0) }] }, Buffer.alloc(70_000, 7), "x".repeat(300), [...Array(20).keys()]];
    socket.emit("echo", ...sent);
    assert.deepEqual(await once(socket, "echo"), sent);
  });

  check(`MessagePack, ${name}: acks, in both directions`, async (use) => {
    const socket = use(await open());
    socket.on("question", (number, answer) => answer(number * 2));
    assert.equal(await socket.emitWithAck("sum", 1, 2), 3);
    assert.equal(await socket.emitWithAck("ask me", 21), 42);
    assert.deepEqual(await socket.emitWithAck("bytes", Buffer.from([1, 2, 3])), Buffer.from([1, 2, 3]));
  });

  check(`MessagePack, ${name}: dates and undefined`, async (use) => {
    const socket = use(await open());
    socket.emit("echo", new Date(1_000), undefined, new Uint8Array([5]).buffer);
    assert.deepEqual(await once(socket, "echo"), ["1970-01-01T00:00:01.000Z", null, Buffer.from([5])]);
  });

  check(`MessagePack, ${name}: namespaces, refusals, and being sent away`, async (use) => {
    const socket = use(await open("/admin", { auth: { token: "t" } }));
    assert.equal(await socket.emitWithAck("who"), "t");
    const refused = use(io(msgpackUrl + "/admin", { ...options, parser, forceNew: true, auth: { token: "x" } }));
    const [error] = await once(refused, "connect_error");
    assert.deepEqual([error.message, error.data], ["not authorized", { code: "E1" }]);
    const kicked = use(await open());
    kicked.emit("kick me");
    assert.equal((await once(kicked, "disconnect"))[0], "io server disconnect");
  });
}

for (const [name, options] of Object.entries(transports)) {
  check(`${name}: a client that comes back has missed nothing`, async (use) => {
    const open = async () => {
      const socket = use(io(recoveryUrl, { ...options, forceNew: true, reconnectionDelay: 10 }));
      await once(socket, "connect");
      return socket;
    };
    const [socket, other] = [await open(), await open()];
    assert.equal(socket.recovered, false);
    const id = socket.id;
    const heard = [];
    socket.on("said", (number) => heard.push(number));
    other.emit("tell", 1);
    await once(socket, "said");
    socket.io.reconnection(false);
    const lost = once(socket, "disconnect");
    socket.io.engine.close();
    await lost;
    await other.emitWithAck("wait until gone", id);
    for (let number = 2; number < 10; number++) other.emit("tell", number);
    await other.emitWithAck("sum", 1, 1);
    socket.connect();
    await once(socket, "connect");
    await socket.emitWithAck("sum", 1, 1);
    assert.deepEqual([socket.recovered, socket.id, heard], [true, id, [1, 2, 3, 4, 5, 6, 7, 8, 9]]);
  });
}

await runAll();
