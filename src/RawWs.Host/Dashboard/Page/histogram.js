import { element, shape, write } from './elements.js';
import { count, nothing, time } from './format.js';

const padding = { top: 14, bottom: 16 };

// What takes longer than this is one bar: a server has other troubles then.
const longestShown = 1;

const quantiles = [0.5, 0.9, 0.99];

/** The distribution of round trips, as bars, and three quantiles of it as text. */
export class Histogram {
  #plot = shape('svg', { class: 'plot', role: 'img' });
  #when = element('span', 'when');
  #values = quantiles.map(() => element('dd', '', nothing));
  #bars = [];

  constructor() {
    const legend = element('dl', 'legend no-key', ...quantiles.map((quantile, index) =>
      element('div', '', element('dt', '', `p${quantile * 100}`), this.#values[index])));
    this.element = element('article', 'card', element('figure', '',
      element('figcaption', 'head', element('h2', '', 'Round trip of pings, ms'), this.#when), legend, this.#plot));
    new ResizeObserver(() => this.#draw()).observe(this.#plot);
  }

  /**
   * @param {number[]} bounds The upper bounds of the buckets, in seconds.
   * @param {number[]} recent Counts of the last minutes, one more than there are bounds.
   * @param {number[]} all Counts since the start, for while there are no recent ones.
   * @returns {{values: number[], note: string}} The quantiles, in seconds.
   */
  show(bounds, recent, all) {
    const isRecent = sum(recent) > 0;
    const counts = isRecent ? recent : all;
    const total = sum(counts);
    const values = quantiles.map(quantile => quantileOf(quantile, bounds, counts, total));
    values.forEach((value, index) => write(this.#values[index], time(value)));
    const note = total === 0 ? '' : `${count(total)} ${isRecent ? 'in the last minutes' : 'since the start'}`;
    write(this.#when, note);

    const shown = bounds.filter(bound => bound <= longestShown);
    this.#bars = [
      ...shown.map((bound, index) => ({ label: label(bound), count: counts[index] ?? 0 })),
      { label: '>1 s', count: sum(counts.slice(shown.length)) },
    ];
    this.#plot.setAttribute('aria-label', `Round trips: ${this.#bars.filter(bar => bar.count).map(bar => `${bar.count} up to ${bar.label}`).join(', ') || 'none yet'}`);
    this.#draw();
    return { values, note };
  }

  #draw() {
    const { clientWidth: width, clientHeight: height } = this.#plot;
    if (!width || !this.#bars.length)
      return;

    const highest = Math.max(1, ...this.#bars.map(bar => bar.count));
    const step = width / this.#bars.length;
    const labelled = Math.ceil(28 / step);
    const room = height - padding.top - padding.bottom;
    this.#plot.setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.#plot.replaceChildren(
      shape('line', { class: 'grid', x1: 0, x2: width, y1: height - padding.bottom + 0.5, y2: height - padding.bottom + 0.5 }),
      ...this.#bars.flatMap((bar, index) => {
        const tall = bar.count ? Math.max(2, room * bar.count / highest) : 0;
        const middle = step * (index + 0.5);
        return [
          shape('rect', { class: 'bar series-1', x: middle - step * 0.36, y: height - padding.bottom - tall, width: step * 0.72, height: tall, rx: Math.min(3, tall / 2) }),
          ...(index % labelled === 0 ? [shape('text', { x: middle, y: height - 3, 'text-anchor': 'middle' }, bar.label)] : []),
          ...(bar.count ? [shape('text', { x: middle, y: height - padding.bottom - tall - 4, 'text-anchor': 'middle' }, count(bar.count))] : []),
        ];
      }),
      ...(highest === 1 && this.#bars.every(bar => !bar.count)
        ? [shape('text', { class: 'empty', x: width / 2, y: height / 2 }, 'No ping has been answered yet.')]
        : []));
  }
}

const sum = counts => counts.reduce((total, one) => total + one, 0);

// Milliseconds have no unit, for there is little room.
const label = seconds => seconds >= 1 ? `${seconds} s` : String(Number((seconds * 1_000).toPrecision(3)));

/** Between the bounds of a bucket its measurements are taken to be spread evenly. */
function quantileOf(quantile, bounds, counts, total) {
  if (!total)
    return NaN;

  let below = 0;
  for (let index = 0; index < bounds.length; index++) {
    if (below + counts[index] >= quantile * total) {
      const from = index ? bounds[index - 1] : 0;
      return from + (bounds[index] - from) * (quantile * total - below) / counts[index];
    }

    below += counts[index];
  }

  return bounds.at(-1);
}
