// The customer's page of one booking.

import { $, apiOptions, meta, setText, showFacts, showStatus, storage } from './dom.js';
import { CustomerApi, CustomerClient, Drafts } from './client.js';
import { Composer } from './composer.js';
import { ConversationPane } from './conversation.js';
import { refreshDates } from './dates.js';
import { createPoller } from './poller.js';

const title = document.title;
const api = new CustomerApi(meta('api'), apiOptions);

/** Returns true if the customer can see the messages. If not, the page asks only for the
 *  number of unread messages, which marks nothing as read. */
const isVisible = () => $('toggle').ariaExpanded === 'true' && !document.hidden;

const drafts = new Drafts((_, draft) => api.send(draft), {
  // The draft ends with the tab, because a customer may use the computer of somebody else.
  storage: storage('sessionStorage'),
  prefix: `draft ${meta('api')}`,
});
const client = new CustomerClient(api, {
  drafts,
  isVisible,
  onUnread(answer) {
    pane.isAway ||= !isVisible();
    showUnread(answer);
  },
  onOpen(view) {
    showHeader(view);
    pane.show(client.conversation);
  },
  onMerge(view, added) {
    showHeader(view);
    pane.update(added);
  },
});
const pane = new ConversationPane(client.conversation, {
  loadEarlier: () => client.loadEarlier(),
  loadLater: () => poller.pollNow(),
  isAttended: () => isVisible() && document.hasFocus(),
});
const composer = new Composer(pane, drafts, { onSent: () => poller.pollNow() });
composer.show(client.conversation.booking);

function showHeader(view) {
  for (const name of ['customer', 'activity']) setText($(name), view[name]);
  showFacts(view);
  showStatus($('booking-status'), view.statusLabel, view.status);
  showUnread(view);
  showMessaging(view);
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

const poller = createPoller(async () => {
  await client.poll();
  await refreshDates(api, client.conversation);
});

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
// In a low window, the booking scrolls away, so that the messages and the box have all the space.
const card = document.querySelector('.portal-card');
card.scrollTop = card.scrollHeight;
poller.pollNow();
