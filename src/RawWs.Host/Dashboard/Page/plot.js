import { element, shape, write } from './elements.js';
import { nothing, span } from './format.js';

const padding = { top: 8, right: 2, bottom: 16, left: 0 };

// Where the lines across are, as parts of the top of the axis; and how far apart the times below are, in milliseconds.
const gridParts = [0, 0.5, 1];
const steps = [15_000, 30_000, 60_000];

/**
 * @typedef {{name: string, at: (index: number) => number}} Line What it is called, and its value at a point of the series; NaN where there is none.
 */

/** The moment that is pointed at, in all charts alike: so long before now, in milliseconds, or null for now. */
export const cursor = { /** @type {number | null} */ age: null };

/** Lines over the last minutes. Beside it, as text, are the values of now, or of the moment that is pointed at. */
export class Plot {
  #series; #lines; #format; #least; #base; #onCursor;
  #plot = shape('svg', { class: 'plot', role: 'img', tabindex: 0 });
  #when = element('span', 'when');
  #values;

  /**
   * @param {{title: string, lines: Line[], format: (value: number) => string, least?: number, base?: number}} chart
   *   `least`: the top of the axis is at least this. `base`: what its numbers are powers of, 2 for bytes and 10, the default, for the rest.
   * @param {import('./series.js').Series} series
   * @param {() => void} onCursor Is told that the cursor has moved.
   */
  constructor(chart, series, onCursor) {
    this.#series = series;
    this.#lines = chart.lines;
    this.#format = chart.format;
    this.#least = chart.least ?? 1;
    this.#base = chart.base ?? 10;
    this.#onCursor = onCursor;
    this.#values = chart.lines.map(() => element('dd', ''));
    this.#plot.setAttribute('aria-label', `${chart.title}: a chart of the last minutes, whose values are beside it. The arrow keys go back and forth in time.`);

    const legend = element('dl', 'legend', ...chart.lines.map((line, index) =>
      element('div', `series-${index + 1}`, element('dt', '', line.name), this.#values[index])));
    this.element = element('article', 'card', element('figure', '',
      element('figcaption', 'head', element('h2', '', chart.title), this.#when), legend, this.#plot));

    this.#plot.addEventListener('pointermove', event => this.#pointAt(event.offsetX));
    this.#plot.addEventListener('pointerleave', () => this.#moveTo(null));
    this.#plot.addEventListener('blur', () => this.#moveTo(null));
    this.#plot.addEventListener('keydown', event => this.#onKey(event));
    new ResizeObserver(() => this.draw()).observe(this.#plot);
  }

  draw() {
    const { clientWidth: width, clientHeight: height } = this.#plot;
    if (!width)
      return;

    const shown = this.#shownIndex();
    this.#lines.forEach((line, index) => write(this.#values[index], shown < 0 ? nothing : this.#format(line.at(shown))));
    write(this.#when, cursor.age === null || shown < 0 ? '' : `${span((this.#series.now - this.#series.timeAt(shown)) / 1_000)} ago`);

    const top = niceCeiling(Math.max(this.#least, ...this.#lines.map(line => this.#highest(line))), this.#base);
    const x = time => padding.left + (width - padding.left - padding.right) * (1 - (this.#series.now - time) / this.#series.shownLength);
    const y = value => height - padding.bottom - (height - padding.top - padding.bottom) * value / top;

    this.#plot.setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.#plot.replaceChildren(
      ...this.#grid(width, top, y),
      ...this.#lines.flatMap((line, index) => this.#curve(line, index, x, y)),
      ...this.#labels(width, height, top, x, y),
      ...this.#cursorAt(shown, height, x, y));
  }

  #shownIndex() {
    return cursor.age === null ? this.#series.length - 1 : this.#series.nearest(this.#series.now - cursor.age);
  }

  #highest(line) {
    let highest = 0;
    for (let index = 0; index < this.#series.length; index++)
      highest = Math.max(highest, line.at(index) || 0);

    return highest;
  }

  #grid(width, top, y) {
    return gridParts.map(part => Math.round(y(top * part)) + 0.5).map(at => shape('line', { class: 'grid', x1: 0, x2: width, y1: at, y2: at }));
  }

  #labels(width, height, top, x, y) {
    const length = this.#series.shownLength;
    const step = steps.find(candidate => candidate * 5.5 > length) ?? steps.at(-1);
    const drawn = gridParts.slice(1).map(part => shape('text', { x: 0, y: y(top * part) + 11 }, this.#format(top * part)));
    for (let age = step; age < length * 0.95; age += step)
      drawn.push(shape('text', { x: x(this.#series.now - age), y: height - 3, 'text-anchor': 'middle' }, clock(age)));

    drawn.push(shape('text', { x: width - padding.right, y: height - 3, 'text-anchor': 'end' }, 'now'));
    return drawn;
  }

  /** The line in as many pieces as there are between holes, and the areas below. */
  #curve(line, number, x, y) {
    const pieces = [];
    let piece = [];
    for (let index = 0; index < this.#series.length; index++) {
      const value = line.at(index);
      if (Number.isFinite(value)) {
        piece.push([x(this.#series.timeAt(index)), y(value)]);
      } else if (piece.length) {
        pieces.push(piece);
        piece = [];
      }
    }

    pieces.push(piece);
    const bottom = y(0);
    return pieces.filter(({ length }) => length > 1).flatMap(points => {
      const path = points.map(([left, height], index) => `${index ? 'L' : 'M'}${left.toFixed(1)} ${height.toFixed(1)}`).join('');
      const area = `${path}L${points.at(-1)[0].toFixed(1)} ${bottom}L${points[0][0].toFixed(1)} ${bottom}Z`;
      return [
        shape('path', { class: `area series-${number + 1}`, d: area }),
        shape('path', { class: `line series-${number + 1}`, d: path }),
      ];
    });
  }

  #cursorAt(shown, height, x, y) {
    if (cursor.age === null || shown < 0)
      return [];

    const at = x(this.#series.timeAt(shown));
    return [
      shape('line', { class: 'cursor', x1: at, x2: at, y1: padding.top, y2: height - padding.bottom }),
      ...this.#lines.flatMap((line, index) => Number.isFinite(line.at(shown))
        ? [shape('circle', { class: `dot series-${index + 1}`, cx: at, cy: y(line.at(shown)), r: 3.5 })]
        : []),
    ];
  }

  #pointAt(left) {
    const width = this.#plot.clientWidth - padding.left - padding.right;
    this.#moveTo((1 - (left - padding.left) / width) * this.#series.shownLength);
  }

  #moveTo(age) {
    cursor.age = age === null ? null : Math.min(this.#series.shownLength, Math.max(0, age));
    this.#onCursor();
  }

  #onKey(event) {
    const steps = { ArrowLeft: 1_000, ArrowRight: -1_000, PageUp: 30_000, PageDown: -30_000 };
    if (event.key === 'Escape')
      this.#moveTo(null);
    else if (Object.hasOwn(steps, event.key))
      this.#moveTo((cursor.age ?? 0) + steps[event.key]);
    else
      return;

    event.preventDefault();
  }
}

/** So long ago, as minutes and seconds. */
const clock = age => `−${Math.floor(age / 60_000)}:${String(age % 60_000 / 1_000).padStart(2, '0')}`;

/** A top of the axis whose half is a round number too: 1, 2, 4, 6, 8 or 10 times a power of ten, or for bytes a power of two. */
function niceCeiling(value, base) {
  if (base !== 10)
    return 2 ** Math.ceil(Math.log2(value * 0.999));

  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 6, 8, 10].map(step => step * power).find(step => step >= value * 0.999) ?? value;
}
