// An echo at /echo and a broadcast to everybody at /broadcast, on ws: node server.mjs --port N [--deflate on|off] [--max-message-size BYTES]
import { parseArgs } from 'node:util';
import { WebSocketServer } from 'ws';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '3001' },
    deflate: { type: 'string', default: 'off' },
    'max-message-size': { type: 'string', default: String(16 * 1024 * 1024) },
  },
});

const server = new WebSocketServer({
  host: '127.0.0.1',
  port: Number(values.port),
  perMessageDeflate: values.deflate === 'on',
  maxPayload: Number(values['max-message-size']),
});

// Any other path is answered with 400.
server.shouldHandle = (request) => ['/echo', '/broadcast'].includes(pathOf(request));

const members = new Set();

server.on('connection', (socket, request) => {
  // ws has closed the connection itself by the time it reports an error.
  socket.on('error', () => {});

  if (pathOf(request) === '/echo') {
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    return;
  }

  members.add(socket);
  socket.on('close', () => members.delete(socket));
  socket.on('message', (data, isBinary) => {
    for (const member of members) member.send(data, { binary: isBinary });
  });
});

server.on('listening', () => console.log(`listening on ws://127.0.0.1:${values.port}/echo`));

function pathOf(request) {
  return request.url.split('?')[0];
}
