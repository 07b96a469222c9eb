import { byId, element, write } from './elements.js';
import { count, rate } from './format.js';

const chatPrefix = 'chat:';

const codeNames = {
  1000: 'done', 1001: 'going away', 1002: 'protocol error', 1003: 'unsupported data', 1005: 'no status', 1006: 'no close frame', 1007: 'invalid payload', 1008: 'policy',
  1009: 'too big', 1010: 'extension missing', 1011: 'internal error', 1012: 'restart', 1013: 'try again later', 1014: 'bad gateway', '3xxx': 'registered', '4xxx': 'private',
};

const initiators = { local: 'by us', remote: 'by the client', transport: 'by the network' };

/**
 * Shows numbers as bars, the largest first.
 * @param {string} id Of the list; beside it is its sum.
 * @param {{label: string, note?: string, count: number}[]} entries
 * @param {number} tone The colour of the bars.
 */
export function showBars(id, entries, tone) {
  const sum = entries.reduce((total, entry) => total + entry.count, 0);
  write(byId(`${id}-count`), count(sum));
  const sorted = entries.filter(entry => entry.count).sort((one, other) => other.count - one.count).slice(0, 8);
  if (!sorted.length) {
    byId(id).replaceChildren(element('li', 'none', 'None so far.'));
    return;
  }

  byId(id).replaceChildren(...sorted.map(entry => {
    const filled = element('span', '');
    filled.style.setProperty('--share', `${Math.max(1, 100 * entry.count / sorted[0].count)}%`);
    const label = element('span', 'label', entry.label);
    if (entry.note)
      label.append(' ', element('small', '', entry.note));

    const track = element('span', 'track', filled);
    track.ariaHidden = 'true';
    return element('li', `series-${tone}`, label, element('span', 'number', count(entry.count)), track);
  }));
}

/** Underscores are for programs. */
export const words = name => name.replaceAll('_', ' ').toLowerCase();

/** Connections by the code that ended them: the one of whoever was first to close. */
export function closesAsBars(closes) {
  const entries = new Map();
  for (const { initiator, sent, received, count: ended } of closes) {
    const code = initiator === 'local' ? sent : initiator === 'remote' ? received : '1006';
    const key = `${initiator} ${code}`;
    const entry = entries.get(key) ?? { label: `${code} ${codeNames[code] ?? ''}`.trim(), note: initiators[initiator] ?? initiator, count: 0 };
    entry.count += ended;
    entries.set(key, entry);
  }

  return [...entries.values()];
}

/** The rooms, the largest first. */
export class Rooms {
  /** @type {Map<string, {messages: number, time: number}>} */ #before = new Map();

  /** @param {{name: string, members: number, messages: number}[]} rooms @param {number} time Of this list, in milliseconds. */
  show(rooms, time) {
    byId('rooms').hidden = !rooms.length;
    byId('rooms-none').hidden = rooms.length > 0;
    const body = byId('rooms').querySelector('tbody');
    body.replaceChildren(...rooms.map(room => element('tr', '',
      element('td', '', nameOf(room.name)),
      element('td', '', count(room.members)),
      element('td', '', count(room.messages)),
      element('td', '', rate(this.#rateOf(room, time))))));
    this.#before = new Map(rooms.map(({ name, messages }) => [name, { messages, time }]));
  }

  #rateOf({ name, messages }, time) {
    const before = this.#before.get(name);
    return before && time > before.time ? Math.max(0, messages - before.messages) * 1_000 / (time - before.time) : NaN;
  }
}

function nameOf(name) {
  const isChat = name.startsWith(chatPrefix);
  const shown = element('span', 'room', element('bdi', '', isChat ? `#${name.slice(chatPrefix.length)}` : name));
  if (isChat)
    shown.append(element('span', 'kind', 'chat'));

  shown.title = name;
  return shown;
}
