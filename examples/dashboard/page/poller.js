// The polls of a page.

import { $, label, meta, problemText, setText } from './dom.js';
import { Poller, Problem } from './client.js';

/** Makes a poller that also polls when the page becomes visible or the network returns, and that
 *  shows a failure in the page. */
export function createPoller(poll) {
  const onStatus = (error) => {
    if (error && !(error instanceof Problem)) console.error(error);
    const text = error?.kind === 'not-found' ? problemText(error) : label('away');
    setText($('status'), error ? text : '');
  };
  const poller = new Poller(poll, { interval: Number(meta('poll-ms')), onStatus });
  addEventListener('online', () => poller.pollNow());
  document.addEventListener('visibilitychange', () => poller.pollNow());
  return poller;
}
