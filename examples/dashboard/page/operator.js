// The team's page: the list of conversations and the open conversation.

import { $, label, setText } from './dom.js';
import { Problem, call } from './api.js';
import { Composer } from './composer.js';
import { ConversationPane } from './conversation.js';
import { refreshDates } from './dates.js';
import { Inbox } from './inbox.js';
import { Poller } from './poller.js';
import { MessageRemoval } from './removal.js';

const encode = encodeURIComponent;

// ---- The open conversation ----

const threadPath = (booking) => `/threads/${encode(booking)}`;
/** Returns true if the operator looks at the page: the window has the focus. */
const isAttended = () => document.hasFocus() && !document.hidden;

const pane = new ConversationPane('operator', {
  loadOlder: (before) => call('GET', `${threadPath(pane.booking)}/messages?before=${before}`),
  loadLater: () => poller.pollNow(),
  isAttended,
  // Scrolling calls this function many times, but one poll is enough.
  onRead: () => { readTimer ??= setTimeout(() => { readTimer = null; poller.pollNow(); }, 200); },
});
let readTimer = null;
const composer = new Composer(pane,
  (booking, draft) => call('POST', `${threadPath(booking)}/messages`, draft),
  () => poller.pollNow(), true);
const inbox = new Inbox(() => pane.booking, () => poller.pollNow());
const removal = new MessageRemoval(() => threadPath(pane.booking), () => poller.pollNow());

/** Incremented whenever a conversation is opened or closed. An answer to an earlier request
 *  is dropped. */
let openCount = 0;

async function open(booking) {
  const count = ++openCount;
  if (pane.booking !== booking) {
    pane.clear(booking);
    // The texts that are in the row are shown at once. The others are shown with the answer.
    const row = inbox.rows.get(booking);
    showHeader({ customer: row?.customer, activity: row?.activity, code: row?.shortCode,
      date: row?.bookingDate, time: ' ', status: row?.status, statusLabel: row?.statusLabel });
    setState('loading');
    composer.show(booking);
    inbox.render();
  }
  try {
    // Opening marks messages as read. While nobody looks at the page, it only reads the newest
    // messages. The first poll after somebody looks opens the conversation.
    const isRead = isAttended();
    const path = threadPath(booking);
    const conversation = await (isRead ? call('POST', path) : call('GET', `${path}/messages`));
    await composer.whenSent(booking);
    if (count !== openCount) return;
    const own = conversation.booking;
    if (own !== booking) {
      // The address names a booking that is linked to a thread (I2). Everything else names the
      // thread's own booking.
      history.replaceState(null, '', `#booking=${encode(own)}`);
      pane.clear(own);
      composer.show(own);
      inbox.render();
    }
    setState('open');
    showHeader(conversation);
    pane.show(conversation, isRead);
    if (matchMedia('(pointer: fine)').matches) $('draft').focus();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    // If the server cannot be reached, a conversation that is already shown stays on the page,
    // and the polls continue.
    if (count === openCount && !(problem.kind === 'offline' && isOpen())) showGone(problem.text);
  }
  poller.pollNow();
}

function close() {
  openCount += 1;
  const row = document.querySelector('.conversation a[aria-current="true"]');
  pane.clear();
  setText($('no-selection-title'), label('pick'));
  setText($('no-selection-hint'), label('pickHint'));
  setState('none');
  inbox.render();
  row?.focus({ preventScroll: true });
}

/** Closes the conversation and shows the reason in its place. */
function showGone(reason) {
  openCount += 1;
  pane.clear();
  setText($('no-selection-title'), reason);
  setText($('no-selection-hint'), '');
  setState('none');
  document.body.dataset.view = 'chat';
  inbox.render();
  $('chat').focus();
}

/** Sets the state of the conversation: `none`, `loading` or `open`. */
function setState(state) {
  $('chat').dataset.state = state;
  document.body.dataset.view = state === 'none' ? 'list' : 'chat';
}

function isOpen() {
  return $('chat').dataset.state === 'open';
}

function showHeader(conversation) {
  for (const name of ['customer', 'activity', 'code', 'date', 'lastDate', 'time', 'duration']) {
    setText($(name), conversation[name]);
    $(name).title = conversation[name]?.trim() ?? '';
  }
  showWaiting(conversation);
  setText($('booking-status'), conversation.statusLabel);
  $('booking-status').dataset.status = conversation.status ?? '';
  if ('portal' in conversation) {
    $('portal').href = conversation.portal;
    $('crm').hidden = !conversation.crm;
    $('crm').href = conversation.crm ?? '';
  }
}

/** Shows for how long the customer has waited for a reply (U5). */
function showWaiting({ waitingSince, waiting }) {
  setText($('waiting'), waiting);
  $('waiting').dateTime = waitingSince ?? '';
  $('mark-answered').hidden = !waitingSince;
}

/** Opens the conversation in the address, so that links, new tabs and the browser's back
 *  button work. */
function followAddress() {
  const { hash } = location;
  if (hash === '' && document.body.dataset.view === 'chat') close();
  if (!hash.startsWith('#booking=')) return;
  try {
    open(decodeURIComponent(hash.slice('#booking='.length)));
  } catch {
    showGone(label('problem.not-found'));
  }
}

/** Closes the conversation and removes it from the address. */
function leave() {
  history.pushState(null, '', location.pathname + location.search);
  setState('none');
  close();
}

// ---- Polling ----

const poller = new Poller(() => inbox.runExclusively(async () => {
  while (inbox.cursor === undefined) await inbox.load(1);
  if (isOpen() && pane.isUnattended && isAttended()) {
    open(pane.booking);
    return;
  }
  const { cursor } = inbox;
  const count = openCount;
  // While a message is being sent, the poll leaves out the conversation.
  const isShown = isOpen() && !composer.isSending(pane.booking);
  // `read` lets the poll mark only messages that were in view (U3).
  const { booking, shown, redactions, read } = pane;
  const openThread = isShown ? { booking, shown, redactions, read } : null;
  let poll;
  try {
    poll = await call('POST', '/poll', { cursor, open: openThread });
  } catch (problem) {
    // Another version of the server made the cursor. The next poll loads the list again.
    if (problem.isAboutCursor) inbox.cursor = undefined;
    throw problem;
  }
  if (poll.kind === 'startOver') {
    await inbox.load();
    if (pane.booking !== null) open(pane.booking);
    return;
  }
  // If another list was chosen in the meantime, the cursor was removed, and that list is loaded.
  if (inbox.cursor === cursor) inbox.cursor = poll.cursor;
  inbox.merge(poll);
  if (count === openCount && pane.booking !== null) {
    if (poll.erased.includes(pane.booking)) showGone(label('erased'));
    else if (openThread && poll.conversation && !composer.isSending(pane.booking)) {
      showHeader(poll.conversation);
      pane.merge(poll.conversation);
    }
  }
  if (poll.erased.length) loadBookings();
  await refreshDates();
}));

// ---- Starting a conversation ----

async function loadBookings() {
  const bookings = await call('GET', '/bookings');
  const placeholder = $('start-booking').options[0];
  const options = bookings.map((booking) => {
    const texts = [booking.customer, booking.activity, booking.code, booking.date].filter(Boolean);
    // An option cannot contain `bdi` elements. These characters isolate each text instead.
    return new Option(texts.map((text) => `\u2068${text}\u2069`).join(' · '), booking.booking);
  });
  placeholder.textContent = bookings.length ? `${label('startBooking')}…` : label('noBookings');
  $('start-booking').replaceChildren(placeholder, ...options);
}

$('start').addEventListener('submit', async (event) => {
  event.preventDefault();
  const booking = $('start-booking').value;
  if (!booking) return;
  try {
    inbox.store(await call('POST', '/threads', { booking }));
    const hash = `#booking=${encode(booking)}`;
    if (location.hash === hash) followAddress();
    else location.hash = hash;
    await loadBookings();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    setText($('status'), problem.text);
  }
});

$('mark-unread').addEventListener('click', async () => {
  const { booking, newestFromOtherSide: from } = pane;
  if (!from) return;
  try {
    inbox.store(await call('POST', `${threadPath(booking)}/unread`, { from }));
    if (pane.booking === booking) leave();
    poller.pollNow();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    setText($('status'), problem.text);
  }
});

$('mark-answered').addEventListener('click', async () => {
  const { booking, shown: upTo } = pane;
  try {
    const row = await call('POST', `${threadPath(booking)}/answered`, { upTo });
    inbox.store(row);
    inbox.render();
    if (pane.booking !== booking) return;
    // If the focus stayed on the hidden button, it would be lost.
    $('log').focus({ preventScroll: true });
    showWaiting(row);
    poller.pollNow();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    setText($('status'), problem.text);
  }
});

$('messaging').addEventListener('change', async (event) => {
  const isOn = event.target.checked;
  try {
    await call('POST', '/messaging', { messaging: isOn ? 'on' : 'off' });
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    event.target.checked = !isOn;
    setText($('status'), problem.text);
  }
});

// ---- Keyboard and address ----

addEventListener('keydown', (event) => {
  // In the dialog, Escape closes only the dialog.
  if (event.key !== 'Escape' || event.isComposing || removal.isOpen) return;
  if (document.body.dataset.view === 'chat') leave();
});

for (const id of ['back', 'no-selection-back']) $(id).addEventListener('click', leave);
$('skip').addEventListener('click', (event) => {
  event.preventDefault();
  (pane.booking === null ? $('chat') : $('draft')).focus();
});
// The link to the other language keeps the open conversation.
$('language').addEventListener('click', (event) => { event.currentTarget.hash = location.hash; });
// Somebody looks at the page again, so that messages in view become read.
addEventListener('focus', () => poller.pollNow());
// This event comes for links to another `#booking=` and for the back button.
addEventListener('popstate', followAddress);

followAddress();
poller.pollNow();
loadBookings().catch(() => {});
