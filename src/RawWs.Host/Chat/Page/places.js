import { byId, element } from './elements.js';
import { Outbox } from './outbox.js';
import { browser } from './storage.js';

const key = 'rawws.rooms';
const lobby = 'lobby';
const maxRooms = 20;
const maxRoomLength = 64;

/** @returns {string} The room that the address names behind its #. */
export function roomOfAddress() {
  let name = location.hash.slice(1);
  try {
    name = decodeURIComponent(name);
  } catch {
    // A percent sign that begins no escape is taken as it is, and away below.
  }

  return roomNamed(name) || lobby;
}

/** Makes of what somebody types what can stand in a path. */
export function roomNamed(typed) {
  return typed.trim().slice(0, maxRoomLength).replace(/\s+/gu, '-').replace(/[^\p{L}\p{M}\p{N}_.-]/gu, '').replace(/^\.+/, '');
}

/** @param {string} room @returns {URL} Where its WebSocket is: beside this page, wherever that is served. */
export function urlOf(room) {
  const url = new URL(`rooms/${encodeURIComponent(room)}`, location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.hash = '';
  url.search = '';
  return url;
}

/** Shows the rooms where somebody has been, with what waits there to be sent. */
export function showRooms(current, name) {
  const kept = browser.get(key);
  const before = (Array.isArray(kept) ? kept : []).filter(room => typeof room === 'string' && roomNamed(room) === room);
  const rooms = [...new Set([lobby, ...before.slice(-maxRooms), current])];
  browser.set(key, rooms.filter(room => room !== lobby));

  byId('rooms').replaceChildren(...rooms.map(room => {
    const link = element('a', '', element('span', 'hash', '#'), element('bdi', '', room));
    link.href = `#${encodeURIComponent(room)}`;
    const unsent = room === current ? 0 : Outbox.countIn(room, name);
    if (unsent)
      link.append(element('span', 'badge', `${unsent} unsent`));

    if (room === current)
      link.ariaCurrent = 'page';

    return element('li', '', link);
  }));
}
