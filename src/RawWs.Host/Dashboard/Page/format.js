const whole = new Intl.NumberFormat('en');
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** What stands where there is nothing to tell. */
export const nothing = '–';

/** @param {number} value */
export function count(value) {
  if (!Number.isFinite(value))
    return nothing;

  return Math.abs(value) < 10_000 ? whole.format(Math.round(value)) : compact.format(value);
}

/** As {@link count}, with a decimal for what is small. */
export function rate(value) {
  return Number.isFinite(value) && value > 0 && value < 10 ? value.toFixed(1) : count(value);
}

/** @param {number} value */
export function bytes(value) {
  if (!Number.isFinite(value))
    return nothing;

  const power = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(value) / 10));
  const scaled = value / 1_024 ** power;
  return `${power === 0 || scaled >= 100 ? Math.round(scaled) : scaled.toFixed(1)} ${units[power]}`;
}

export const byteRate = value => Number.isFinite(value) ? `${bytes(value)}/s` : nothing;

/** @param {number} value From 0 to 1. */
export function percent(value) {
  return Number.isFinite(value) ? `${value < 0.1 ? (value * 100).toFixed(1) : Math.round(value * 100)} %` : nothing;
}

/** @param {number} seconds A short time. */
export function time(seconds) {
  if (!Number.isFinite(seconds))
    return nothing;

  const milliseconds = seconds * 1_000;
  if (milliseconds >= 1_000)
    return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;

  return `${milliseconds === 0 || milliseconds >= 100 ? Math.round(milliseconds) : milliseconds.toFixed(milliseconds < 1 ? 2 : 1)} ms`;
}

/** @param {number} seconds A long time. */
export function span(seconds) {
  const parts = [[86_400, 'd'], [3_600, 'h'], [60, 'min'], [1, 's']];
  const first = parts.findIndex(([length]) => seconds >= length);
  if (first < 0)
    return '0 s';

  return parts.slice(first, first + 2)
    .map(([length, unit], index) => `${Math.floor((index ? seconds % parts[first][0] : seconds) / length)} ${unit}`)
    .join(' ');
}

/** @returns {[string, string]} A formatted value without its unit, and the unit. */
export function split(text) {
  const space = text.indexOf(' ');
  return space < 0 ? [text, ''] : [text.slice(0, space), text.slice(space + 1)];
}
