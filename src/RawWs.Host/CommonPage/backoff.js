const firstDelay = 500;
const longestDelay = 15_000;

/**
 * How long to wait before connecting again: twice as long each time, and never the same for two clients, so that those who lost a server together
 * do not come back together.
 * @param {number} attempt 0 for the first.
 * @param {() => number} random From 0 to 1.
 * @returns {number} Milliseconds: the half to the whole of a delay that grows from half a second to fifteen.
 */
export function delayBefore(attempt, random = Math.random) {
  const whole = Math.min(longestDelay, firstDelay * 2 ** attempt);
  return whole * (0.5 + random() / 2);
}
