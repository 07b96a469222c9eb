// The event "echo" is acknowledged with what it carries, "publish" sent to everybody as "news", on all nodes of the same Redis: node server.mjs --port N [--redis HOST:PORT]
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { createAdapter } from '@socket.io/redis-adapter';
import { createClient } from 'redis';
import { Server } from 'socket.io';

const { values } = parseArgs({ options: { port: { type: 'string', default: '3001' }, redis: { type: 'string' } } });

const http = createServer();

// No heartbeat comes between, as with the server that this one is compared with.
const io = new Server(http, { pingInterval: 300_000, serveClient: false, adapter: values.redis && (await adapterOf(`redis://${values.redis}`)) });

io.on('connection', (socket) => {
  socket.on('echo', (text, acknowledge) => acknowledge(text));
  socket.on('publish', (text, acknowledge) => {
    io.emit('news', text);
    acknowledge?.();
  });
});

http.listen(Number(values.port), '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${values.port}/socket.io/`));

async function adapterOf(url) {
  const publishing = createClient({ url });
  const subscribing = publishing.duplicate();
  await Promise.all([publishing.connect(), subscribing.connect()]);
  return createAdapter(publishing, subscribing);
}
