import { Connection } from './connection.js';
import { avatarFor, byId, element } from './elements.js';
import { Outbox } from './outbox.js';
import { People } from './people.js';
import { roomNamed, roomOfAddress, showRooms, urlOf } from './places.js';
import { Status } from './status.js';
import { browser, tab } from './storage.js';
import { Transcript } from './transcript.js';

const nameKey = 'rawws.name';
const draftKey = 'rawws.draft';

const transcript = new Transcript(byId('messages'), byId('newest'));
const people = new People(byId('here'), byId('here-count'), (who, what) => transcript.notice(element('bdi', '', who), ` ${what}`));
const status = new Status();
const welcome = /** @type {HTMLDialogElement} */ (byId('welcome'));
const nameField = /** @type {HTMLInputElement} */ (byId('name'));
const textField = /** @type {HTMLTextAreaElement} */ (byId('text'));
const roomField = /** @type {HTMLInputElement} */ (byId('room'));

/** @type {string} */ let room = roomOfAddress();
/** @type {string | undefined} */ let name = tab.get(nameKey);
/** @type {Outbox} */ let outbox;
/** @type {Connection | undefined} */ let connection;
let server = '';
let unread = 0;

/** Joins the room of the address, and leaves the one before. */
function enter() {
  connection?.end();
  if (room !== roomOfAddress()) {
    room = roomOfAddress();
    transcript.clear();
    people.clear();
  }

  outbox = new Outbox(room, name);

  for (const entry of outbox.waiting)
    transcript.waits(entry);

  showPlace();
  connection = new Connection(urlOf(room), name, { onEvent, onState, onRoundTrip: time => status.showRoundTrip(time) });
  connection.open();
}

/** @param {import('./connection.js').State} state */
function onState(state) {
  status.show(state);
  if (state.kind === 'connecting') {
    people.begin();
    transcript.isBusy = true;
  } else if (state.kind === 'refused') {
    askForName(state.reason);
  }
}

const handlers = {
  welcome(event) {
    server = event.server;
    transcript.isBusy = false;
    people.welcome(event, event.here);

    // Also what came with the history, if the page did not know yet whose it was: a server that knows it says so.
    for (const entry of outbox.dueFor(server))
      connection.say(entry.id, entry.text);
  },

  joined(event) {
    people.joined(event, event.name);
  },

  left(event) {
    people.left(event);
  },

  message(event) {
    const isOwn = outbox.confirm(event.id, server);
    if (transcript.said(event) && !isOwn && document.hidden)
      showUnread(unread + 1);

    outbox.settle();
  },

  missed(event) {
    transcript.missed(event.id);
  },

  // It was said before, and its echo got lost on the way.
  ack(event) {
    const entry = outbox.confirm(event.id, server);
    if (entry)
      transcript.said({ id: entry.id, name: entry.name, text: entry.text, time: entry.typedAt });
  },

  error(event) {
    if (event.id)
      transcript.refused(event.id, event.reason, () => outbox.discard(event.id));
  },
};

/** @param {import('./connection.js').Event} event One of a kind that this page does not know is for those that will. */
function onEvent(event) {
  if (Object.hasOwn(handlers, event.type))
    handlers[event.type](event);
}

function send() {
  // Half a character, which may be left of one that was deleted, is none that the server reads.
  const text = textField.value.toWellFormed().trimEnd();
  if (!text.trim())
    return;

  const entry = outbox.add(text);
  transcript.waits(entry);
  connection?.say(entry.id, entry.text);
  textField.value = '';
  tab.remove(draftKey);
}

function askForName(error = '') {
  nameField.value = name ?? browser.get(nameKey) ?? '';
  byId('welcome-room').textContent = room;
  byId('name-error').textContent = error;
  if (!welcome.open)
    welcome.showModal();

  nameField.select();
}

function takeName(event) {
  event.preventDefault();
  const typed = nameField.value.toWellFormed().trim();
  if (!typed)
    return;

  if (name && name !== typed)
    Outbox.rename(name, typed);

  name = typed;
  tab.set(nameKey, name);
  browser.set(nameKey, name);
  welcome.close();
  enter();
  textField.focus();
}

function showPlace() {
  byId('room-title').textContent = room;
  byId('me-name').textContent = name;
  byId('me-avatar').replaceWith(Object.assign(avatarFor(name), { id: 'me-avatar' }));
  showRooms(room, name);
  showUnread(0);
}

function showUnread(count) {
  unread = count;
  document.title = `${count ? `(${count}) ` : ''}#${room} · RawWs chat`;
}

function showSide(isOpen) {
  byId('side').classList.toggle('open', isOpen);
  byId('menu').ariaExpanded = String(isOpen);
}

byId('name-form').onsubmit = takeName;
byId('rename').onclick = () => askForName();
byId('retry').onclick = () => connection?.open();
byId('menu').onclick = () => showSide(!byId('side').classList.contains('open'));
byId('shade').onclick = () => showSide(false);

// Without a name there is no page behind the question.
welcome.onclose = () => { if (!name) askForName(); };

// Not by the address, in which it would be the name of a room.
byId('skip').onclick = event => {
  event.preventDefault();
  textField.focus();
};

byId('composer').onsubmit = event => {
  event.preventDefault();
  send();
  textField.focus();
};

textField.onkeydown = event => {
  // The Enter that ends a word of an input method sends nothing.
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    send();
  }
};

textField.oninput = () => tab.set(draftKey, textField.value);

byId('room-form').onsubmit = event => {
  event.preventDefault();
  const wanted = roomNamed(roomField.value);
  roomField.value = '';
  if (wanted)
    location.hash = encodeURIComponent(wanted);
};

addEventListener('hashchange', () => {
  showSide(false);
  if (name)
    enter();
});

addEventListener('keydown', event => {
  if (event.key === 'Escape')
    showSide(false);
});

// Whoever is back does not wait for the next attempt.
addEventListener('online', () => connection?.open());
document.addEventListener('visibilitychange', () => {
  if (document.hidden)
    return;

  showUnread(0);
  connection?.open();
});

textField.value = tab.get(draftKey) ?? '';
if (name)
  enter();
else
  askForName();
