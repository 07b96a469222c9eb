import { avatarFor, element } from './elements.js';

// Whoever comes back so soon has reloaded the page, and was never away for the others.
const leavingTime = 1_500;

// How long somebody who was here before the connection was lost may take to come back without a word about it: they have lost theirs too.
const returnTime = 30_000;

/** @typedef {{server: string, member: number}} Member Of whom an event is: numbers are those of one start of one server. */

/**
 * Who is in the room, on all servers. Of whom it was said that they joined or left, the last word counts, whether it comes before the list or behind it; of all others, the list.
 */
export class People {
  #list; #count; #tell;
  /** @type {Map<string, string>} By member, the name. */ #named = new Map();
  /** @type {Set<string>} */ #left = new Set();
  #self = '';

  /** @type {Map<string, number>} By name, the timer until others are told. */ #leaving = new Map();
  /** @type {string[]} */ #missed = [];
  #missedUntil = 0;

  /**
   * @param {HTMLElement} list
   * @param {HTMLElement} count
   * @param {(name: string, what: 'joined' | 'left') => void} tell
   */
  constructor(list, count, tell) {
    this.#list = list;
    this.#count = count;
    this.#tell = tell;
  }

  /** A connection is being opened, which will have new numbers. Whoever was here is shown until the server says who is. */
  begin() {
    if (this.#self)
      this.#missed = [...this.#named.values(), ...this.#leaving.keys()];

    this.#missedUntil = Date.now() + returnTime;
    this.#reset();
  }

  /** This is another room. */
  clear() {
    this.#missed = [];
    this.#reset();
    this.#list.replaceChildren();
    this.#count.textContent = '0';
  }

  /** @param {Member} self @param {(Member & {name: string})[]} here */
  welcome(self, here) {
    this.#self = keyOf(self);
    for (const member of here) {
      if (!this.#left.has(keyOf(member)))
        this.#named.set(keyOf(member), member.name);

      this.#takeMissed(member.name);
    }

    this.#show();
  }

  /** @param {Member} member @param {string} name */
  joined(member, name) {
    this.#left.delete(keyOf(member));
    this.#named.set(keyOf(member), name);
    this.#show();

    const isBack = this.#leaving.has(name);
    clearTimeout(this.#leaving.get(name));
    this.#leaving.delete(name);
    if (!isBack && !this.#takeMissed(name))
      this.#tell(name, 'joined');
  }

  /** @param {Member} member */
  left(member) {
    const name = this.#named.get(keyOf(member));
    this.#named.delete(keyOf(member));
    this.#left.add(keyOf(member));
    this.#show();

    if (name === undefined)
      return;

    clearTimeout(this.#leaving.get(name));
    this.#leaving.set(name, setTimeout(() => {
      this.#leaving.delete(name);
      this.#tell(name, 'left');
    }, leavingTime));
  }

  /** @returns {boolean} Whether somebody of this name had to come back. */
  #takeMissed(name) {
    const index = Date.now() < this.#missedUntil ? this.#missed.indexOf(name) : -1;
    if (index >= 0)
      this.#missed.splice(index, 1);

    return index >= 0;
  }

  #reset() {
    this.#self = '';
    this.#named.clear();
    this.#left.clear();
    for (const timer of this.#leaving.values())
      clearTimeout(timer);

    this.#leaving.clear();
  }

  #show() {
    // Until the welcome the list is not whole.
    if (!this.#self)
      return;

    const order = [...this.#named].sort(([a, nameOfA], [b, nameOfB]) =>
      Number(b === this.#self) - Number(a === this.#self) || nameOfA.localeCompare(nameOfB) || a.localeCompare(b));
    this.#list.replaceChildren(...order.map(([member, name]) => {
      const item = element('li', '', avatarFor(name), element('bdi', '', name));
      if (member === this.#self)
        item.append(element('span', 'you', 'you'));

      return item;
    }));
    this.#count.textContent = String(order.length);
  }
}

/** @param {Member} member */
function keyOf({ server, member }) {
  return `${server} ${member}`;
}
