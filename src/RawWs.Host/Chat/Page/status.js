import { byId } from './elements.js';

const words = { connecting: 'Connecting…', joined: 'Connected', refused: 'Refused', closed: 'Closed' };

/** Shows how the connection is. */
export class Status {
  #timer = 0;

  /** @param {import('./connection.js').State} state */
  show(state) {
    clearInterval(this.#timer);
    byId('state').dataset.state = state.kind;
    byId('retry').hidden = state.kind !== 'waiting';

    // While another attempt is made, what is shown stays: it is not known yet what will come of it.
    if (state.kind !== 'connecting')
      byId('offline').hidden = state.kind !== 'waiting';

    if (state.kind === 'waiting') {
      byId('offline-reason').textContent = state.reason ? `: ${state.reason}` : '';
      this.#countDown(state.retryAt);
    } else {
      byId('state').textContent = words[state.kind];
    }
  }

  /** @param {number | null} milliseconds */
  showRoundTrip(milliseconds) {
    byId('round-trip').textContent = milliseconds === null ? '' : `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;
  }

  #countDown(retryAt) {
    const tick = () => {
      const seconds = Math.max(0, Math.ceil((retryAt - Date.now()) / 1_000));
      byId('state').textContent = navigator.onLine ? `Reconnecting in ${seconds} s` : 'Offline';
    };
    tick();
    this.#timer = setInterval(tick, 1_000);
  }
}
