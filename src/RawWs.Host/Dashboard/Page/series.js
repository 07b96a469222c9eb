// How much of the past is kept, in milliseconds.
const windowLength = 300_000;

// A page that has just been opened does not show minutes of nothing.
const shortestShown = 60_000;

// A second may be late; what is missing for longer is a hole and no line.
const longestStep = 3_500;

/** The points of the last five minutes, and what can be told from two that follow each other. */
export class Series {
  /** @type {Map<string, number>} */ #columns = new Map();
  /** @type {number[][]} Oldest first. */ #points = [];

  /** @param {string[]} names @param {number[][]} points */
  reset(names, points) {
    this.#columns = new Map(names.map((name, index) => [name, index]));
    this.#points = [...points];
  }

  /** @param {number[]} point */
  add(point) {
    if (point[0] <= this.now)
      return;

    this.#points.push(point);
    const first = this.#points.findIndex(([time]) => time >= point[0] - windowLength);
    this.#points.splice(0, first);
  }

  get length() {
    return this.#points.length;
  }

  /** The time of the newest point, 0 if there is none. */
  get now() {
    return this.#points.at(-1)?.[0] ?? 0;
  }

  /** How much of the past is shown, in milliseconds: what there is of it, but a minute at least. */
  get shownLength() {
    const age = this.length ? this.now - this.timeAt(0) : 0;
    return Math.min(windowLength, Math.max(shortestShown, age));
  }

  timeAt(index) {
    return this.#points[index][0];
  }

  /** @returns {number} NaN if there is no such point or no such column. */
  valueAt(index, name) {
    return this.#points.at(index)?.[this.#columns.get(name) ?? -1] ?? NaN;
  }

  latest(name) {
    return this.valueAt(-1, name);
  }

  /** How fast a total grew up to a point, per second; NaN behind a hole. */
  rateAt(index, name) {
    const at = index < 0 ? this.#points.length + index : index;
    const time = this.#points[at]?.[0] - this.#points[at - 1]?.[0];
    return time <= longestStep ? Math.max(0, this.valueAt(at, name) - this.valueAt(at - 1, name)) * 1_000 / time : NaN;
  }

  /** Which point is nearest to a time; -1 if there is none. */
  nearest(time) {
    let nearest = -1;
    for (let index = 0; index < this.#points.length; index++) {
      if (nearest < 0 || Math.abs(this.timeAt(index) - time) < Math.abs(this.timeAt(nearest) - time))
        nearest = index;
    }

    return nearest;
  }
}
