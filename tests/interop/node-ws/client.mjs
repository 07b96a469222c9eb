// node client.mjs URL [--echo-only]: runs a list of checks against an echo server and prints a TAP-like line for each. Exits with 0 if all have passed.
//
// The server echoes messages. Unless --echo-only, it also speaks the subprotocols "b" and "c", and understands three texts: "close me" (it closes with 4010 and the reason
// "as you wish"), "abort me" (it resets the connection), and "ping me" (it pings, waits for the pong and then says "pong came").

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import WebSocket from 'ws';

const url = process.argv[2];
const lengths = [0, 1, 125, 126, 127, 65535, 65536, 1048576];
const echoOnly = process.argv.includes('--echo-only');
const checks = [];
const check = (name, run) => checks.push({ name, run });
const checkMore = (name, run) => echoOnly || check(name, run);

async function open(protocols = [], options = {}) {
  const socket = new WebSocket(url, protocols, { perMessageDeflate: false, handshakeTimeout: 10000, ...options });
  await once(socket, 'open');
  return socket;
}

async function echo(socket, data, options) {
  socket.send(data, options);
  const [received, isBinary] = await once(socket, 'message');
  return { received, isBinary };
}

async function close(socket, code, reason) {
  const closed = once(socket, 'close');
  socket.close(code, reason);
  const [receivedCode, receivedReason] = await closed;
  return { code: receivedCode, reason: receivedReason.toString() };
}

for (const length of lengths) {
  check(`binary of ${length} bytes is echoed`, async () => {
    const socket = await open();
    const data = randomBytes(length);
    const { received, isBinary } = await echo(socket, data);
    assert.ok(isBinary);
    assert.ok(received.equals(data));
    await close(socket);
  });
}

check('text is echoed', async () => {
  const socket = await open();
  const text = 'aé€𝄞'.repeat(10000);
  const { received, isBinary } = await echo(socket, text);
  assert.ok(!isBinary);
  assert.equal(received.toString(), text);
  await close(socket);
});

check('a fragmented message with pings between its fragments is echoed whole', async () => {
  const socket = await open();
  const pongs = [];
  socket.on('pong', data => pongs.push(data.toString()));
  const message = once(socket, 'message');
  for (let number = 0; number < 10; number++) {
    socket.send(`${number}é`, { fin: number === 9 });
    if (number < 9) socket.ping(`p${number}`);
  }
  const [received] = await message;
  assert.equal(received.toString(), '0é1é2é3é4é5é6é7é8é9é');
  assert.ok(pongs.length >= 1 && pongs.at(-1) === 'p8', `pongs: ${pongs}`);
  await close(socket);
});

check('messages come back in order', async () => {
  const socket = await open();
  const received = [];
  const done = new Promise(resolve => socket.on('message', data => received.push(data.toString()) === 1000 && resolve()));
  for (let number = 0; number < 1000; number++) socket.send(`${number}`);
  await done;
  assert.deepEqual(received, Array.from({ length: 1000 }, (_, number) => `${number}`));
  await close(socket);
});

checkMore('the first subprotocol of the server that is offered is agreed on', async () => {
  const socket = await open(['a', 'c', 'b']);
  assert.equal(socket.protocol, 'b');
  await close(socket);
});

check('compression is offered and the connection works whatever the server answers', async () => {
  const socket = await open([], { perMessageDeflate: true });
  const text = 'compress me '.repeat(1000);
  assert.equal((await echo(socket, text)).received.toString(), text);
  await close(socket);
});

check('a ping is answered with its payload', async () => {
  const socket = await open();
  const pong = once(socket, 'pong');
  socket.ping('are you there');
  assert.equal((await pong)[0].toString(), 'are you there');
  await close(socket);
});

checkMore('the server pings', async () => {
  const socket = await open();
  assert.equal((await echo(socket, 'ping me')).received.toString(), 'pong came');
  await close(socket);
});

check('the client closes and its code is echoed', async () => {
  const socket = await open();
  assert.equal((await close(socket, 4001, 'näher')).code, 4001);
});

check('the client closes without a code', async () => {
  const socket = await open();
  assert.equal((await close(socket)).code, 1005);
});

checkMore('the server closes', async () => {
  const socket = await open();
  const closed = once(socket, 'close');
  socket.send('close me');
  const [code, reason] = await closed;
  assert.equal(code, 4010);
  assert.equal(reason.toString(), 'as you wish');
});

checkMore('the server aborts', async () => {
  const socket = await open();
  socket.on('error', () => {});
  const closed = once(socket, 'close');
  socket.send('abort me');
  assert.equal((await closed)[0], 1006);
});

check('the client aborts and another is served', async () => {
  (await open()).terminate();
  const socket = await open();
  assert.equal((await echo(socket, 'next')).received.toString(), 'next');
  await close(socket);
});

check('an old version of the protocol is refused', async () => {
  const socket = new WebSocket(url, { perMessageDeflate: false, protocolVersion: 8 });
  const [, response] = await once(socket, 'unexpected-response');
  assert.equal(response.statusCode, 426);
  assert.equal(response.headers['sec-websocket-version'], '13');
  response.resume();
  await once(response, 'end');
});

console.log(`1..${checks.length}`);
let failed = 0;
for (const [index, { name, run }] of checks.entries()) {
  try {
    let timer;
    const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error('it took too long')), 30000)));
    await Promise.race([run(), late]).finally(() => clearTimeout(timer));
    console.log(`ok ${index + 1} - ${name}`);
  } catch (error) {
    failed++;
    console.log(`not ok ${index + 1} - ${name}\n  # ${String(error.stack ?? error).replaceAll('\n', '\n  # ')}`);
  }
}
process.exit(failed === 0 ? 0 : 1);
