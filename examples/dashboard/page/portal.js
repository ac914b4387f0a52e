// The customer's page of one booking.

import { $, setText } from './dom.js';
import { call } from './api.js';
import { Composer } from './composer.js';
import { ConversationPane } from './conversation.js';
import { refreshDates } from './dates.js';
import { Poller } from './poller.js';

const title = document.title;
/** Returns true if the customer can see the messages. If not, the page asks only for the
 *  number of unread messages, which marks nothing as read. */
const isVisible = () => $('toggle').ariaExpanded === 'true' && !document.hidden;
const pane = new ConversationPane('customer', {
  loadOlder: (before) => call('GET', `/messages?before=${before}`),
  loadLater: () => poller.pollNow(),
  isAttended: () => isVisible() && document.hasFocus(),
});
const post = (_, draft) => call('POST', '/messages', draft);
const composer = new Composer(pane, post, () => poller.pollNow());
// The page has one booking, so any constant identifies it.
pane.booking = 'booking';
composer.show('booking');

let cursor;

async function open() {
  const conversation = await call('POST', '/open');
  await composer.whenSent(pane.booking);
  showHeader(conversation);
  pane.show(conversation);
}

function showHeader(conversation) {
  cursor = conversation.cursor;
  for (const name of ['customer', 'activity', 'code', 'date', 'lastDate', 'time', 'duration']) {
    setText($(name), conversation[name]);
  }
  setText($('booking-status'), conversation.statusLabel);
  $('booking-status').dataset.status = conversation.status;
  showUnread(conversation);
  showMessaging(conversation);
}

/** Shows a label in place of the input box while messaging is switched off (L4). */
function showMessaging({ messaging, messagingLabel }) {
  const isOff = messaging === 'off';
  if (isOff && $('composer').contains(document.activeElement)) $('log').focus();
  $('composer').hidden = isOff;
  setText($('messaging-off'), messagingLabel);
}

function showUnread({ unread, badge }) {
  setText($('unread-badge'), badge);
  document.title = unread ? `(${badge}) ${title}` : title;
}

const poller = new Poller(async () => {
  if (!isVisible() || composer.isSending(pane.booking)) {
    pane.isAway ||= !isVisible();
    showUnread(await call('GET', '/unread'));
    return;
  }
  if (cursor === undefined) {
    await open();
    return;
  }
  const poll = await loadNews().catch((problem) => {
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
  await refreshDates();
});

/** Loads what the page does not show yet. If there is more than a page of it, loads the next page,
 *  which also marks this page as read (U3). */
function loadNews() {
  if (pane.hasLater) return call('POST', '/later', { after: pane.shown });
  return call('POST', '/poll', { cursor });
}

$('toggle').addEventListener('click', () => {
  const isExpanded = $('toggle').ariaExpanded !== 'true';
  $('toggle').ariaExpanded = String(isExpanded);
  $('conversation').hidden = !isExpanded;
  if (isExpanded) poller.pollNow();
});
$('skip').addEventListener('click', (event) => {
  event.preventDefault();
  ($('composer').hidden ? $('log') : $('draft')).focus();
});
poller.pollNow();
