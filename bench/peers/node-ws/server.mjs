// An echo server on ws: node server.mjs --port N [--deflate on|off] [--max-message-size BYTES]
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
  path: '/echo',
  perMessageDeflate: values.deflate === 'on',
  maxPayload: Number(values['max-message-size']),
});

server.on('connection', (socket) => {
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  // ws has closed the connection itself by the time it reports an error.
  socket.on('error', () => {});
});

server.on('listening', () => console.log(`listening on ws://127.0.0.1:${values.port}/echo`));
