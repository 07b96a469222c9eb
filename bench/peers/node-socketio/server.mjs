// The event "echo" is acknowledged with what it carries, "publish" sent to everybody as "news": node server.mjs --port N
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { Server } from 'socket.io';

const { values } = parseArgs({ options: { port: { type: 'string', default: '3001' } } });

const http = createServer();

// No heartbeat comes between, as with the server that this one is compared with.
const io = new Server(http, { pingInterval: 300_000, serveClient: false });

io.on('connection', (socket) => {
  socket.on('echo', (text, acknowledge) => acknowledge(text));
  socket.on('publish', (text, acknowledge) => {
    io.emit('news', text);
    acknowledge?.();
  });
});

http.listen(Number(values.port), '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${values.port}/socket.io/`));
