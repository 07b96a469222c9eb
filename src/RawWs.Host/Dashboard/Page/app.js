import { byId, element, write } from './elements.js';
import { Feed } from './feed.js';
import { byteRate, bytes, count, nothing, percent, rate, span, split, time } from './format.js';
import { Histogram } from './histogram.js';
import { closesAsBars, Rooms, showBars, words } from './lists.js';
import { Plot } from './plot.js';
import { Series } from './series.js';

const series = new Series();
const rooms = new Rooms();
const histogram = new Histogram();
let host;
let newest;
let roundTrip = { values: [NaN, NaN, NaN], note: '' };
let countdown = 0;

const value = name => index => series.valueAt(index, name);
const perSecond = name => index => series.rateAt(index, name);
const cpuAt = index => series.rateAt(index, 'cpuSecondsTotal') / (host?.processorCount ?? 1);

const charts = [
  { title: 'Messages per second', format: rate, least: 10, lines: [{ name: 'in', at: perSecond('receivedTotal') }, { name: 'out', at: perSecond('sentTotal') }] },
  { title: 'Payload per second', format: byteRate, least: 1_024, base: 2, lines: [{ name: 'in', at: perSecond('receivedBytesTotal') }, { name: 'out', at: perSecond('sentBytesTotal') }] },
  {
    title: 'Connections', format: count, least: 10,
    lines: [{ name: 'open', at: value('open') }, { name: 'in handshake', at: value('handshake') }, { name: 'closing', at: value('closing') }],
  },
  { title: 'CPU', format: percent, least: 1, lines: [{ name: 'in use', at: cpuAt }] },
  { title: 'Memory', format: bytes, least: 1_048_576, base: 2, lines: [{ name: 'resident', at: value('residentBytes') }, { name: 'managed heap', at: value('heapBytes') }] },
  { title: 'Garbage collection pauses', format: time, least: 0.01, lines: [{ name: 'per second', at: perSecond('gcPauseSecondsTotal') }] },
  { title: 'Waiting for slow readers', format: count, least: 10, lines: [{ name: 'messages', at: value('queuedMessages') }, { name: 'connections', at: value('queuedConnections') }] },
  { title: 'Dropped and turned away, per second', format: rate, least: 10, lines: [{ name: 'messages', at: perSecond('droppedTotal') }, { name: 'connections', at: perSecond('refusalsTotal') }] },
];

const tiles = [
  { name: 'Connections', value: () => count(series.latest('open')), note: () => `${count(series.latest('openedTotal'))} so far, ${count(series.latest('refusalsTotal'))} refused` },
  { name: 'Messages in', unit: '/s', value: () => rate(series.rateAt(-1, 'receivedTotal')), note: () => `${count(series.latest('receivedTotal'))} so far` },
  { name: 'Messages out', unit: '/s', value: () => rate(series.rateAt(-1, 'sentTotal')), note: () => `${count(series.latest('sentTotal'))} so far` },
  { name: 'Round trip, p99', value: () => time(roundTrip.values[2]), note: () => roundTrip.note || 'no ping answered yet' },
  { name: 'Payload in', value: () => byteRate(series.rateAt(-1, 'receivedBytesTotal')), note: () => `${bytes(series.latest('receivedBytesTotal'))} so far` },
  { name: 'Payload out', value: () => byteRate(series.rateAt(-1, 'sentBytesTotal')), note: () => `${bytes(series.latest('sentBytesTotal'))} so far` },
  { name: 'CPU', value: () => percent(cpuAt(-1)), note: () => `of ${host.processorCount} processors, ${span(series.latest('cpuSecondsTotal'))} so far` },
  { name: 'Memory', value: () => bytes(series.latest('residentBytes')), note: () => `${bytes(series.latest('heapBytes'))} managed` },
];

const runtime = [
  ['Event loop stalls', () => count(series.latest('loopStallsTotal')), true],
  ['Errors of sessions', () => count(series.latest('sessionErrorsTotal')), true],
  ['Allocated', () => byteRate(series.rateAt(-1, 'allocatedBytesTotal'))],
  ['Garbage collections', () => count(series.latest('gcTotal'))],
  ['Threads of the pool', () => count(series.latest('threads'))],
  ['Waiting to be sent', () => bytes(series.latest('queuedBytes'))],
  ['Runtime', () => host.runtime],
  ['System', () => host.system],
];

const plots = charts.map(chart => new Plot(chart, series, () => plots.forEach(plot => plot.draw())));
byId('charts').append(...plots.slice(0, 3).map(plot => plot.element), histogram.element, ...plots.slice(3).map(plot => plot.element));

const shownTiles = tiles.map(tile => {
  const [number, unit, note] = [element('span', ''), element('span', 'unit'), element('dd', 'note')];
  byId('tiles').append(element('div', '', element('dt', '', tile.name), element('dd', 'value', number, unit), note));
  return { ...tile, number, unit, fixedUnit: tile.unit ?? '', noted: note };
});

const shownRuntime = runtime.map(([name, read, isAlarm]) => {
  const shown = element('dd', '', nothing);
  byId('runtime').append(element('div', '', element('dt', '', name), shown));
  return { read, shown, isAlarm };
});

const handlers = {
  hello(event) {
    // Another version has another page.
    if (host && host.version !== event.host.version)
      location.reload();

    if (host?.instance !== event.host.instance)
      series.reset(event.columns, event.history);
    else
      event.history.forEach(point => series.add(point));

    host = event.host;
    write(byId('version'), host.version);
    document.title = `${location.host} · RawWs dashboard`;
  },

  sample(event) {
    series.add(event.point);
    newest = event;
    show();
  },
};

/** Draws everything, unless nobody can see it. */
function show() {
  if (document.hidden || !newest)
    return;

  roundTrip = histogram.show(host.roundTripBounds, newest.recentRoundTrips, newest.roundTrips);
  for (const plot of plots)
    plot.draw();

  for (const tile of shownTiles) {
    const [number, unit] = split(tile.value());
    write(tile.number, number);
    write(tile.unit, number === nothing ? '' : unit || tile.fixedUnit);
    write(tile.noted, tile.note());
  }

  for (const { read, shown, isAlarm } of shownRuntime) {
    write(shown, read());
    shown.classList.toggle('alarm', Boolean(isAlarm) && shown.textContent !== '0');
    shown.title = shown.textContent;
  }

  showFacts();
  showLists();
}

function showFacts() {
  const facts = {
    up: span((series.now - host.startedAt) / 1_000),
    transport: `${host.transport}${host.isSecure ? ', TLS' : ''}`,
    watching: count(newest.watching),
  };
  byId('facts').replaceChildren(...Object.entries(facts).map(([name, fact]) => element('div', '', element('dt', '', name), element('dd', '', fact))));
}

function showLists() {
  rooms.show(newest.rooms, series.now);
  write(byId('rooms-count'), `${count(series.latest('rooms'))}, ${count(series.latest('memberships'))} members`);
  showBars('closes', closesAsBars(newest.closes), 1);
  showBars('drops', Object.entries(newest.dropped).map(([reason, number]) => ({ label: words(reason), count: number })), 3);
  showBars('refusals', [
    ...Object.entries(newest.refusals).map(([reason, number]) => ({ label: words(reason), note: 'refusal', count: number })),
    ...Object.entries(newest.handshakes).filter(([status]) => status !== '101').map(([status, number]) => ({ label: status, note: 'handshake', count: number })),
    ...Object.entries(newest.tlsFailures).map(([reason, number]) => ({ label: words(reason), note: 'TLS', count: number })),
    ...Object.entries(newest.acceptErrors).map(([error, number]) => ({ label: words(error), note: 'accepting', count: number })),
  ], 3);
}

const stateWords = { connecting: 'Connecting…', live: 'Live', stale: 'Stale', refused: 'Not allowed' };

/** @param {import('./feed.js').State} state */
function showState(state) {
  clearInterval(countdown);
  byId('retry').hidden = state.kind !== 'waiting';
  byId('stale').hidden = state.kind === 'live' || (!newest && state.kind !== 'refused');
  write(byId('stale'), state.kind === 'refused'
    ? 'This page may not be seen any more. Reload it to enter the token.'
    : `These are the figures of ${new Date(series.now).toLocaleTimeString()}.`);

  // While another attempt is made, what is shown stays: it is not known yet what will come of it.
  document.body.dataset.state = state.kind;
  if (state.kind === 'waiting')
    countDown(state.retryAt);
  else
    write(byId('state'), stateWords[state.kind]);
}

function countDown(retryAt) {
  const tick = () => write(byId('state'), `Reconnecting in ${Math.max(0, Math.ceil((retryAt - Date.now()) / 1_000))} s`);
  tick();
  countdown = setInterval(tick, 1_000);
}

// The page is at the same path, whatever the server is reached through. What the login has left in the address goes.
const url = new URL(location.pathname, location.href);
history.replaceState(null, '', url);
url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
const feed = new Feed(url, {
  onEvent: event => { if (Object.hasOwn(handlers, event.type)) handlers[event.type](event); },
  onState: showState,
});
feed.open();

byId('retry').onclick = () => feed.open();
addEventListener('online', () => feed.open());
document.addEventListener('visibilitychange', () => {
  if (!document.hidden)
    feed.open();

  show();
});
