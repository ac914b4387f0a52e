// The customer's page of one booking.

import { $, setText } from './dom.js';
import { call } from './api.js';
import { Composer } from './composer.js';
import { ConversationPane } from './conversation.js';
import { refreshDates } from './dates.js';
import { Poller } from './poller.js';

const title = document.title;
const pane = new ConversationPane('customer', (before) => call('GET', `/messages?before=${before}`));
const post = (_, draft) => call('POST', '/messages', draft);
const composer = new Composer(pane, post, () => poller.pollNow());
// The page has one booking, so any constant identifies it.
pane.booking = 'booking';
composer.show('booking');

let cursor;
/** Returns true if the customer can see the messages. If not, the page asks only for the
 *  number of unread messages, which marks nothing as read. */
const isVisible = () => $('toggle').ariaExpanded === 'true' && !document.hidden;

async function open() {
  const conversation = await call('POST', '/open');
  await composer.whenSent(pane.booking);
  showHeader(conversation);
  pane.show(conversation);
}

function showHeader(conversation) {
  cursor = conversation.cursor;
  for (const name of ['customer', 'activity', 'code', 'date', 'time', 'duration']) {
    setText($(name), conversation[name]);
  }
  setText($('booking-status'), conversation.statusLabel);
  $('booking-status').dataset.status = conversation.status;
  showUnread(conversation);
}

function showUnread({ unread, badge }) {
  setText($('unread-badge'), badge);
  document.title = unread ? `(${badge}) ${title}` : title;
}

const poller = new Poller(async () => {
  if (!isVisible() || composer.isSending(pane.booking)) {
    showUnread(await call('GET', '/unread'));
    return;
  }
  if (cursor === undefined) {
    await open();
    return;
  }
  const poll = await call('POST', '/poll', { cursor }).catch((problem) => {
    if (problem.isAboutCursor) cursor = undefined;
    throw problem;
  });
  if (composer.isSending(pane.booking)) return;
  if (poll.kind === 'startOver') {
    await open();
    return;
  }
  showHeader(poll);
  pane.merge(poll);
  if (poll.hasLater) poller.pollNow();
  await refreshDates();
});

$('toggle').addEventListener('click', () => {
  const isExpanded = $('toggle').ariaExpanded !== 'true';
  $('toggle').ariaExpanded = String(isExpanded);
  $('conversation').hidden = !isExpanded;
  if (isExpanded) poller.pollNow();
});
$('skip').addEventListener('click', (event) => { event.preventDefault(); $('draft').focus(); });
poller.pollNow();
