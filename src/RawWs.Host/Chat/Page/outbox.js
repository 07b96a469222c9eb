import { browser } from './storage.js';

const prefix = 'rawws.unsent.';

// A server that ends may have confirmed a message to its sender and not delivered it to the others. Its successor knows nothing of it, so it is kept for a while.
const settlingTime = 30_000;

// What was confirmed so long ago is not brought up again, whatever happened since.
const longestMemory = 10 * 60_000;

/**
 * @typedef {object} Unsent A message that has been typed, and is not known to have reached everybody.
 * @property {string} id Made by the page; its echo has it too.
 * @property {string} room
 * @property {string} name Who typed it. Another name does not send it, even in the same browser.
 * @property {string} text
 * @property {number} typedAt
 * @property {string} [server] Which start of the server has confirmed it.
 * @property {number} [confirmedAt]
 */

/** What somebody has typed in a room, kept by the browser until it has been said: over a lost connection, a reload, and another start of either. */
export class Outbox {
  #room; #name;
  /** @type {Map<string, Unsent>} */ #entries = new Map();

  constructor(room, name) {
    this.#room = room;
    this.#name = name;

    // Each message has a key of its own, so that two windows never overwrite what the other has kept.
    const kept = browser.keys(prefix).map(key => browser.get(key))
      .filter(entry => entry?.room === room && entry.name === name)
      .sort((a, b) => a.typedAt - b.typedAt);
    for (const entry of kept) {
      if (entry.confirmedAt && Date.now() - entry.confirmedAt > longestMemory)
        browser.remove(prefix + entry.id);
      else
        this.#entries.set(entry.id, entry);
    }
  }

  /** How many messages somebody has typed in a room that wait to be sent. */
  static countIn(room, name) {
    return browser.keys(prefix).map(key => browser.get(key))
      .filter(entry => entry?.room === room && entry.name === name && !entry.confirmedAt).length;
  }

  /** @returns {Unsent[]} Those that nobody has confirmed, in the order in which they were typed. */
  get waiting() {
    return [...this.#entries.values()].filter(entry => !entry.confirmedAt);
  }

  /** @returns {Unsent} */
  add(text) {
    const latest = Math.max(0, ...[...this.#entries.values()].map(entry => entry.typedAt));
    const entry = { id: newId(), room: this.#room, name: this.#name, text, typedAt: Math.max(Date.now(), latest + 1) };
    this.#keep(entry);
    return entry;
  }

  /** @returns {Unsent[]} What has to be sent to a server: what nobody has confirmed, or another start of it. */
  dueFor(server) {
    return [...this.#entries.values()].filter(entry => entry.server !== server);
  }

  /** @returns {Unsent | undefined} The message, if it is one of these. */
  confirm(id, server) {
    const entry = this.#entries.get(id);
    if (entry && entry.server !== server)
      this.#keep(Object.assign(entry, { server, confirmedAt: Date.now() }));

    return entry;
  }

  /** Forgets what has been confirmed for so long that it has reached everybody. To be called while there is a connection: time without one does not count. */
  settle() {
    for (const entry of this.#entries.values()) {
      if (entry.confirmedAt && Date.now() - entry.confirmedAt > settlingTime)
        this.discard(entry.id);
    }
  }

  discard(id) {
    this.#entries.delete(id);
    browser.remove(prefix + id);
  }

  /** Whoever changes the name takes along what has been typed, in all rooms. To be followed by making the outbox anew. */
  static rename(from, to) {
    for (const key of browser.keys(prefix)) {
      const entry = browser.get(key);
      if (entry?.name === from)
        browser.set(key, { ...entry, name: to });
    }
  }

  /** @param {Unsent} entry */
  #keep(entry) {
    this.#entries.set(entry.id, entry);
    browser.set(prefix + entry.id, entry);
  }
}

// Not randomUUID, which pages without TLS do not have.
function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), byte => byte.toString(16).padStart(2, '0')).join('');
}
