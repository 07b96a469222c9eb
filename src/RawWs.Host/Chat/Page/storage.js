/**
 * Values kept by the browser, as JSON. Where it keeps nothing, because the reader has said so or because it is full, the page works on with what it has in memory.
 */
export class Store {
  #storage;

  /** @param {() => Storage} open Asking for a storage is enough to be refused. */
  constructor(open) {
    try {
      this.#storage = open();
    } catch {
      this.#storage = null;
    }
  }

  /** @returns {any} Undefined if there is none, or none that can be read. */
  get(key) {
    try {
      return JSON.parse(this.#storage?.getItem(key) ?? '') ?? undefined;
    } catch {
      return undefined;
    }
  }

  set(key, value) {
    try {
      this.#storage?.setItem(key, JSON.stringify(value));
    } catch {
      // Full: what is in memory still counts until the page goes.
    }
  }

  remove(key) {
    this.#storage?.removeItem(key);
  }

  /** @returns {string[]} */
  keys(prefix) {
    return this.#storage ? Object.keys(this.#storage).filter(key => key.startsWith(prefix)) : [];
  }
}

/** Of this tab: it survives a reload, and other windows have their own. */
export const tab = new Store(() => sessionStorage);

/** Of this browser. */
export const browser = new Store(() => localStorage);
