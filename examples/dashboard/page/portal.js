// The customer's page: the conversation about their booking.

import { $, Chat, Composer, Poller, call, label, refreshDates, say } from './shared.js';

const title = document.title;
const chat = new Chat('customer', (before) => call('GET', `/messages?before=${before}`));
const composer = new Composer(chat, (_, draft) => call('POST', '/messages', draft), () => poller.soon());
chat.of = 'booking';
composer.show('booking');

let cursor;
/** What nobody sees is not read: folded away or in the background, only the
 *  number of unread messages is asked for, which marks nothing. */
const looking = () => $('toggle').ariaExpanded === 'true' && !document.hidden;

async function visit() {
  const conversation = await call('POST', '/visit');
  await composer.settled(chat.of);
  show(conversation);
  chat.open(conversation);
}

function show(conversation) {
  cursor = conversation.cursor;
  for (const name of ['customer', 'activity', 'code', 'date', 'time', 'duration']) {
    say($(name), conversation[name]);
  }
  say($('booking-status'), conversation.statusLabel);
  $('booking-status').dataset.status = conversation.status;
  showUnread(conversation);
}

function showUnread({ unread, badge }) {
  say($('unread-badge'), badge);
  document.title = unread ? `(${badge}) ${title}` : title;
}

const poller = new Poller(async () => {
  if (!looking() || composer.sending(chat.of)) {
    showUnread(await call('GET', '/unread'));
    return;
  }
  if (cursor === undefined) {
    await visit();
    return;
  }
  const news = await call('POST', '/poll', { cursor }).catch((problem) => {
    if (['cursor', 'request'].includes(problem.kind)) cursor = undefined;
    throw problem;
  });
  if (composer.sending(chat.of)) return;
  if (news.kind === 'startOver') {
    await visit();
    return;
  }
  show(news);
  chat.add(news);
  if (news.hasLater) poller.soon();
  await refreshDates();
});

$('toggle').addEventListener('click', () => {
  const open = $('toggle').ariaExpanded !== 'true';
  $('toggle').ariaExpanded = String(open);
  $('conversation').hidden = !open;
  if (open) poller.soon();
});
$('skip').addEventListener('click', (event) => { event.preventDefault(); $('draft').focus(); });
poller.soon();
