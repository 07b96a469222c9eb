import { delayBefore } from './backoff.js';

// A sample comes each second; a connection that has been quiet for so long may be long gone.
const staleAfter = 3_000;
const lostAfter = 10_000;

// A connection that has lasted is followed by a quick attempt; one that was lost at once is not.
const lastingTime = 5_000;

/**
 * @typedef {{kind: 'connecting' | 'live' | 'stale' | 'waiting' | 'refused', retryAt?: number}} State
 */

/** What the server tells once a second, over a connection that is made again whenever it is lost. */
export class Feed {
  #url; #onEvent; #onState;
  /** @type {WebSocket | null} */ #socket = null;
  #attempt = 0;
  #openedAt = 0;
  #retryTimer = 0; #staleTimer = 0; #lostTimer = 0;

  /**
   * @param {URL} url
   * @param {{onEvent: (event: any) => void, onState: (state: State) => void}} handlers
   */
  constructor(url, { onEvent, onState }) {
    this.#url = url;
    this.#onEvent = onEvent;
    this.#onState = onState;
  }

  /** Connects, or connects again without waiting for longer. Does nothing if there is a connection. */
  open() {
    if (this.#socket)
      return;

    clearTimeout(this.#retryTimer);
    this.#onState({ kind: 'connecting' });
    const socket = this.#socket = new WebSocket(this.#url);
    socket.onmessage = message => this.#receive(JSON.parse(message.data));
    socket.onclose = () => this.#lost();
    this.#expect();
  }

  #receive(event) {
    this.#openedAt ||= performance.now();
    this.#expect();
    this.#onEvent(event);
    if (event.type === 'sample')
      this.#onState({ kind: 'live' });
  }

  #expect() {
    clearTimeout(this.#staleTimer);
    clearTimeout(this.#lostTimer);
    this.#staleTimer = setTimeout(() => this.#onState({ kind: 'stale' }), staleAfter);
    this.#lostTimer = setTimeout(() => this.#lost(), lostAfter);
  }

  async #lost() {
    clearTimeout(this.#staleTimer);
    clearTimeout(this.#lostTimer);
    const socket = this.#socket;
    if (!socket)
      return;

    socket.onmessage = socket.onclose = null;
    socket.close();
    if (this.#openedAt && performance.now() - this.#openedAt > lastingTime)
      this.#attempt = 0;

    const wasOpened = this.#openedAt > 0;
    this.#openedAt = 0;
    const delay = delayBefore(this.#attempt++);
    this.#socket = null;
    this.#retryTimer = setTimeout(() => this.open(), delay);
    this.#onState({ kind: 'waiting', retryAt: Date.now() + delay });
    if (!wasOpened && await isForbidden())
      this.#refused();
  }

  #refused() {
    clearTimeout(this.#retryTimer);
    if (!this.#socket)
      this.#onState({ kind: 'refused' });
  }
}

/** Browsers do not say why a WebSocket was refused; the page itself is asked for under the same rules. */
async function isForbidden() {
  try {
    const { status } = await fetch(location.pathname, { method: 'HEAD', cache: 'no-store' });

    // Other refusals, such as that of too many from one address, are over in a while.
    return [401, 403, 404].includes(status);
  } catch {
    // The server can't be reached, which is no refusal.
    return false;
  }
}
