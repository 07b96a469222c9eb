import { delayBefore } from './backoff.js';

const subprotocol = 'rawws.chat.v1';

// Browsers send pings for nobody, so that the protocol of the chat has its own.
const pingInterval = 5_000;
const pongTimeout = 10_000;
const welcomeTimeout = 15_000;

// A connection that has lasted is followed by a quick attempt; one that was lost at once is not, so that a server which turns everybody away is left in peace.
const lastingTime = 5_000;

// Which errors another attempt does not help against.
const finalErrors = ['invalid-name', 'invalid-room'];

// Which say why the connection is about to be lost, and not for good.
const passingErrors = ['room-full'];

/**
 * @typedef {{kind: 'connecting' | 'joined' | 'waiting' | 'refused' | 'closed', retryAt?: number, reason?: string}} State
 * @typedef {{type: string, [member: string]: any}} Event What the server sends; docs/chat.md.
 */

/** A membership in a room that is made again whenever it is lost. */
export class Connection {
  #url; #name; #onEvent; #onState; #onRoundTrip;
  /** @type {WebSocket | null} */ #socket = null;
  #attempt = 0;
  #joinedAt = 0;
  #retryTimer = 0; #pingTimer = 0; #deadlineTimer = 0;
  #pingId = 0; #pingedAt = 0;
  /** @type {string | undefined} */ #lossReason;
  #isEnded = false;

  /** @type {State} */ state = { kind: 'connecting' };

  /**
   * @param {URL} url Of the room.
   * @param {string} name
   * @param {{onEvent: (event: Event) => void, onState: (state: State) => void, onRoundTrip: (milliseconds: number | null) => void}} handlers
   */
  constructor(url, name, handlers) {
    this.#url = url;
    this.#name = name;
    this.#onEvent = handlers.onEvent;
    this.#onState = handlers.onState;
    this.#onRoundTrip = handlers.onRoundTrip;
  }

  /** Connects, or connects again without waiting for longer. Does nothing if there is a connection. */
  open() {
    if (this.#isEnded || this.#socket)
      return;

    clearTimeout(this.#retryTimer);
    this.#lossReason = undefined;
    this.#enter({ kind: 'connecting' });

    const socket = this.#socket = new WebSocket(this.#url, subprotocol);
    socket.onopen = () => this.#send({ type: 'join', name: this.#name });
    socket.onmessage = message => this.#receive(JSON.parse(message.data));
    socket.onclose = () => this.#lost(socket);
    this.#expectWithin(welcomeTimeout);
  }

  /** Ends it for good. */
  end() {
    this.#isEnded = true;
    this.#drop();
    clearTimeout(this.#retryTimer);
    this.#enter({ kind: 'closed' });
  }

  /**
   * Says something, if the room has been joined; whether it arrived is told by its echo and by nothing else.
   * @param {string} id
   * @param {string} text
   */
  say(id, text) {
    if (this.state.kind === 'joined')
      this.#send({ type: 'message', id, text });
  }

  /** @param {Event} event */
  #receive(event) {
    if (event.type === 'pong') {
      this.#answered(event.id);
      return;
    }

    if (event.type === 'welcome') {
      clearTimeout(this.#deadlineTimer);
      this.#joinedAt = performance.now();
      this.#enter({ kind: 'joined' });
      this.#ping();
    } else if (event.type === 'error' && finalErrors.includes(event.code)) {
      this.#isEnded = true;
      this.#drop();
      this.#enter({ kind: 'refused', reason: event.reason });
    } else if (event.type === 'error' && passingErrors.includes(event.code)) {
      this.#lossReason = event.reason;
    }

    this.#onEvent(event);
  }

  #ping() {
    this.#pingedAt = performance.now();
    this.#send({ type: 'ping', id: String(++this.#pingId) });
    this.#expectWithin(pongTimeout);
  }

  /** @param {string} id */
  #answered(id) {
    if (id !== String(this.#pingId))
      return;

    clearTimeout(this.#deadlineTimer);
    this.#onRoundTrip(performance.now() - this.#pingedAt);
    this.#pingTimer = setTimeout(() => this.#ping(), pingInterval);
  }

  /** A connection that says nothing may be long gone: it is given up without its close, which may not come for minutes. */
  #expectWithin(milliseconds) {
    clearTimeout(this.#deadlineTimer);
    const socket = this.#socket;
    this.#deadlineTimer = setTimeout(() => this.#lost(socket), milliseconds);
  }

  #lost(socket) {
    if (!socket || socket !== this.#socket)
      return;

    this.#drop();
    if (this.#joinedAt && performance.now() - this.#joinedAt > lastingTime)
      this.#attempt = 0;

    this.#joinedAt = 0;
    const delay = delayBefore(this.#attempt++);
    this.#retryTimer = setTimeout(() => this.open(), delay);
    this.#enter({ kind: 'waiting', retryAt: Date.now() + delay, reason: this.#lossReason });
  }

  #drop() {
    clearTimeout(this.#pingTimer);
    clearTimeout(this.#deadlineTimer);
    const socket = this.#socket;
    this.#socket = null;
    if (!socket)
      return;

    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
    this.#onRoundTrip(null);
  }

  #send(event) {
    // One that the server is closing takes nothing any more, and its end comes in a moment: what has no confirmation is sent again after it.
    if (this.#socket?.readyState === WebSocket.OPEN)
      this.#socket.send(JSON.stringify(event));
  }

  /** @param {State} state */
  #enter(state) {
    this.state = state;
    this.#onState(state);
  }
}
