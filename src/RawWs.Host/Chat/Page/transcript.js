import { avatarFor, element, hueOf } from './elements.js';

const maxShown = 500;
const maxKnown = 10_000;

// What somebody says within so short a time stands under one name.
const togetherTime = 5 * 60_000;

// So near to the end counts as reading the newest.
const nearEnd = 60;

const timeOfDay = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const dayAndTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** What has been said, each message once whoever tells of it and however often, and behind it what waits to be sent. */
export class Transcript {
  #list; #newest;
  /** @type {Set<string>} */ #known = new Set();
  /** @type {Map<string, HTMLElement>} */ #waiting = new Map();

  /** @param {HTMLElement} list @param {HTMLElement} newest Shown when there is something new further down. */
  constructor(list, newest) {
    this.#list = list;
    this.#newest = newest;
    newest.onclick = () => this.#scrollToEnd();
    list.onscroll = () => { newest.hidden ||= this.#isAtEnd; };
  }

  clear() {
    this.#known.clear();
    this.#waiting.clear();
    this.#list.replaceChildren();
    this.#newest.hidden = true;
  }

  /** While the history comes, nobody is read all of it aloud. */
  set isBusy(value) {
    this.#list.ariaBusy = String(value);
  }

  /**
   * Shows what has been said.
   * @param {{id: string, name: string, text: string, time: string | number}} message
   * @returns {boolean} Whether it is new.
   */
  said({ id, name, text, time }) {
    if (this.#known.has(id))
      return false;

    this.#known.add(id);
    if (this.#known.size > maxKnown)
      this.#known.delete(this.#known.values().next().value);

    // Its own line is taken away and another one made: the text that everybody has got is the server's.
    const wasOwn = this.#removeWaiting(id);
    this.#insert(this.#line(name, text, new Date(time)), wasOwn);
    return true;
  }

  /** Shows what is to be sent, at the end. @param {import('./outbox.js').Unsent} entry */
  waits({ id, name, text, typedAt }) {
    if (this.#known.has(id) || this.#waiting.has(id))
      return;

    const line = this.#line(name, text, new Date(typedAt));
    line.classList.add('pending');
    line.append(element('p', 'note', 'Waiting to be sent…'));
    this.#waiting.set(id, line);
    this.#list.append(line);
    this.#regroup(line);
    this.#scrollToEnd();
  }

  /** The server does not take it. @param {() => void} discard */
  refused(id, reason, discard) {
    const line = this.#waiting.get(id);
    if (!line)
      return;

    const button = element('button', '', 'Discard');
    button.onclick = () => {
      discard();
      this.#removeWaiting(id);
    };
    line.classList.add('failed');
    line.querySelector('.note').replaceChildren(`Not sent: ${reason}.`, button);
  }

  /** Shows what has happened. */
  notice(...content) {
    this.#insert(element('li', 'notice', ...content), false);
  }

  /** Something before this may be missing. @param {string} id Of the gap: it comes again with the history. */
  missed(id) {
    if (this.#known.has(id))
      return;

    this.#known.add(id);
    this.notice('Something that was said here may be missing');
  }

  #line(name, text, time) {
    const line = element('li', 'message');
    const stamp = element('time', '', (isToday(time) ? timeOfDay : dayAndTime).format(time));
    stamp.dateTime = time.toISOString();
    stamp.title = dayAndTime.format(time);
    line.append(avatarFor(name), element('div', 'head', element('bdi', 'name', name), stamp), body(text));
    line.style.setProperty('--hue', String(hueOf(name)));
    line.dataset.name = name;
    line.dataset.time = String(time.getTime());
    return line;
  }

  #insert(line, isOwn) {
    const wasAtEnd = this.#isAtEnd;
    const [next] = this.#waiting.values();
    this.#list.insertBefore(line, next ?? null);
    this.#regroup(line);
    while (this.#list.childElementCount - this.#waiting.size > maxShown)
      this.#list.firstElementChild.remove();

    if (wasAtEnd || isOwn)
      this.#scrollToEnd();
    else if (line.dataset.name !== undefined)
      this.#newest.hidden = false;
  }

  #removeWaiting(id) {
    const line = this.#waiting.get(id);
    const next = line?.nextElementSibling;
    line?.remove();
    if (next)
      this.#regroup(next);

    return this.#waiting.delete(id);
  }

  // Whether a line, and the one behind it, stand under the name before them.
  #regroup(line) {
    for (const one of [line, line.nextElementSibling]) {
      const before = one?.previousElementSibling;
      one?.classList.toggle('follows', before?.dataset.name !== undefined
        && before.dataset.name === one.dataset.name && Math.abs(one.dataset.time - before.dataset.time) < togetherTime);
    }
  }

  get #isAtEnd() {
    return this.#list.scrollHeight - this.#list.scrollTop - this.#list.clientHeight < nearEnd;
  }

  #scrollToEnd() {
    this.#list.scrollTop = this.#list.scrollHeight;
    this.#newest.hidden = true;
  }
}

function body(text) {
  const made = element('div', 'body', text);
  made.dir = 'auto';
  return made;
}

function isToday(time) {
  return time.toDateString() === new Date().toDateString();
}
