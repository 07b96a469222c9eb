// Checks with the official client of version 2, which speaks protocol 3 of Engine.IO, beside that of version 4: node client-2.mjs http://127.0.0.1:PORT
import { strict as assert } from "node:assert";
import { createRequire } from "node:module";
import { io as io4 } from "socket.io-client";
import { check, once, runAll, url } from "./checks.mjs";

const io = createRequire(import.meta.url)("socket.io-client-2");
const ask = (socket, ...args) => new Promise((resolve) => socket.emit(...args, resolve));

const transports = {
  "websocket only": { transports: ["websocket"] },
  "polling only": { transports: ["polling"] },
  "polling with base64": { transports: ["polling"], forceBase64: true },
  "websocket with base64": { transports: ["websocket"], forceBase64: true },
  "polling, then websocket": { transports: ["polling", "websocket"] },
};

for (const [name, options] of Object.entries(transports)) {
  const open = async (path = "", more = {}) => {
    const socket = io(url + path, { ...options, forceNew: true, reconnectionDelay: 10, ...more });
    await once(socket, "connect");
    return socket;
  };

  check(`2, ${name}: a returned value is the ack`, async (use) => {
    const socket = use(await open());
    assert.equal(await ask(socket, "sum", 1, 2), 3);
  });

  check(`2, ${name}: arguments come back as they went, with binary values inside`, async (use) => {
    const socket = use(await open());
    const sent = ["é日本😀\u2028", 1.5, null, { a: [Buffer.from([1, 2]), { b: Buffer.alloc(0) }] }, Buffer.from([255, 0])];
    socket.emit("echo", ...sent);
    assert.deepEqual(await once(socket, "echo"), sent);
  });

  check(`2, ${name}: an ack carries binary values`, async (use) => {
    const socket = use(await open());
    const bytes = Buffer.alloc(100_000, 7);
    assert.deepEqual(await ask(socket, "bytes", bytes), bytes);
  });

  check(`2, ${name}: the client answers the server`, async (use) => {
    const socket = use(await open());
    socket.on("question", (number, answer) => answer(number * 2));
    assert.equal(await ask(socket, "ask me", 21), 42);
  });

  check(`2, ${name}: a namespace of its own, whose query is its auth`, async (use) => {
    const socket = use(await open("/admin?token=t"));
    assert.equal(await ask(socket, "who"), "t");
    assert.equal(socket.id, `/admin#${socket.io.engine.id}`);
    const refused = use(io(url + "/admin?token=x", { ...options, forceNew: true }));
    assert.deepEqual(await once(refused, "error"), [{ code: "E1" }]);
  });

  check(`2, ${name}: it hears clients of version 4 in a room, and they hear it`, async (use) => {
    const [older, newer] = [use(await open()), use(io4(url, { transports: [options.transports[0]], forceNew: true }))];
    await once(newer, "connect");
    await ask(older, "join", name);
    await newer.emitWithAck("join", name);
    const heard = [once(older, "said"), once(newer, "said")];
    await newer.emitWithAck("say", name, "from 4");
    await ask(older, "say", name, "from 2");
    assert.deepEqual(await Promise.all(heard), [["from 4"], ["from 2"]]);
  });

  check(`2, ${name}: a thousand events arrive in order, whatever the transport does meanwhile`, async (use) => {
    const socket = use(io(url, { ...options, forceNew: true }));
    const received = [];
    const done = new Promise((resolve) => socket.on("echo", (number) => received.push(number) === 1000 && resolve()));
    for (let number = 0; number < 1000; number++) socket.emit("echo", number);
    await done;
    assert.deepEqual(received, [...Array(1000).keys()]);
  });

  check(`2, ${name}: a client that is disconnected is told so`, async (use) => {
    const socket = use(await open());
    socket.emit("kick me");
    assert.equal((await once(socket, "disconnect"))[0], "io server disconnect");
  });
}

await runAll();
