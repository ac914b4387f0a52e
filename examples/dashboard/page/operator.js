// The team's page: the list of conversations and the open conversation.

import {
  $, apiOptions, coarse, isForInputMethod, label, meta, narrow, problemText, setText, showFacts,
  showStatus, storage,
} from './dom.js';
import { Drafts, Problem, TeamApi, TeamClient } from './client.js';
import { Composer } from './composer.js';
import { ConversationPane } from './conversation.js';
import { refreshDates } from './dates.js';
import { Inbox } from './inbox.js';
import { Notifications } from './notifications.js';
import { createPoller } from './poller.js';
import { MessageRemoval } from './removal.js';

const encode = encodeURIComponent;
const api = new TeamApi(meta('api'), apiOptions);

/** Returns true if the operator looks at the page: the window has the focus. */
const isAttended = () => document.hasFocus() && !document.hidden;

const drafts = new Drafts((booking, draft) => api.reply(booking, draft), {
  // All tabs of the browser have the same drafts.
  storage: storage('localStorage'),
  prefix: `draft ${meta('api')}`,
  isConditional: true,
});
const client = new TeamClient(api, {
  drafts,
  isAttended,
  readTo: () => pane.read,
  onList: () => inbox.update(),
  onErased: () => loadBookings().catch(() => {}),
  onNews(rows) {
    inbox.announce(rows);
    for (const row of rows) notifications.show(row.booking, row.customer);
  },
  onOpen: showOpened,
  onMerge(view, added) {
    showHeader(view);
    pane.update(added);
    if (added.some((entry) => entry.side === 'customer')) {
      notifications.show(view.booking, view.customer);
    }
  },
  onOpenFailed: () => client.state === 'loading' && pane.showOpenError(),
  onGone(problem) {
    const isMissing = problem?.status === 404;
    const words = isMissing ? 'problem.not-found' : 'notOpenable';
    showGone(label(problem ? words : 'erased'));
  },
});
const pane = new ConversationPane(client.conversation, {
  loadEarlier: () => client.loadEarlier(),
  loadLater: () => poller.pollNow(),
  isAttended,
  // Scrolling calls this function many times, but one poll is enough.
  onRead: () => { readTimer ??= setTimeout(() => { readTimer = null; poller.pollNow(); }, 200); },
});
let readTimer = null;
const composer = new Composer(pane, drafts, {
  onSent: () => poller.pollNow(),
  onDraft: (booking) => inbox.markDraft(booking),
});
const inbox = new Inbox(client, {
  hasDraft: (booking) => drafts.hasText(booking),
  onOpen: goTo,
  onListChange: () => poller.pollNow(),
});
const notifications = new Notifications(isAttended, goTo);
const removal = new MessageRemoval(api, () => pane.booking, () => poller.pollNow());
const poller = createPoller(async () => {
  await client.poll();
  await refreshDates(api, client.conversation);
});

// ---- The open conversation ----

async function open(booking) {
  const isOther = client.conversation.booking !== booking;
  const opened = client.open(booking);
  if (isOther) {
    pane.clear(client.conversation);
    // The texts that are in the row are shown at once. The others are shown with the answer.
    const row = client.inbox.rows.get(booking);
    showHeader({ customer: row?.customer, activity: row?.activity, code: row?.shortCode,
      date: row?.bookingDate, time: ' ', status: row?.status, statusLabel: row?.statusLabel });
    setState('loading');
    composer.show(booking);
    inbox.render();
  }
  await opened;
  poller.pollNow();
}

function showOpened(view, { isRead, asked }) {
  const { booking } = view;
  if (booking !== asked) {
    // The address names a booking that is linked to a thread (I2). Everything else names the
    // thread's own booking.
    history.replaceState(null, '', `#booking=${encode(booking)}`);
    pane.clear(client.conversation);
    composer.show(booking);
    inbox.render();
  }
  const wasLoading = $('chat').dataset.state === 'loading';
  setState('open');
  showHeader(view);
  pane.show(client.conversation, isRead);
  showEnd();
  if (wasLoading && !coarse.matches) $('draft').focus();
}

/** In a low window, the header scrolls away, so that the messages and the box have all the space. */
function showEnd() {
  $('chat').scrollTop = $('chat').scrollHeight;
}

function close() {
  const row = document.querySelector('.conversation a[aria-current="true"]');
  client.close();
  pane.clear(client.conversation);
  setText($('no-selection-title'), label('pick'));
  setText($('no-selection-hint'), label('pickHint'));
  setState('none');
  inbox.render();
  row?.focus({ preventScroll: true });
}

/** Shows in place of the conversation the reason why it is closed. */
function showGone(reason) {
  client.close();
  pane.clear(client.conversation);
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

function showHeader(view) {
  for (const name of ['customer', 'activity']) {
    setText($(name), view[name]);
    $(name).title = view[name] ?? '';
  }
  showFacts(view);
  showWaiting(view);
  showStatus($('booking-status'), view.statusLabel, view.status);
  if ('portal' in view) {
    $('portal').href = view.portal;
    $('crm').hidden = !view.crm;
    $('crm').href = view.crm ?? '';
  }
}

/** Shows for how long the customer has waited for a reply (U5). */
function showWaiting({ waitingSince, waiting }) {
  setText($('waiting'), waiting);
  $('waiting').dateTime = waitingSince ?? '';
  $('mark-answered').hidden = !waitingSince;
}

/** Opens a conversation and puts it into the address. */
function goTo(booking) {
  const hash = `#booking=${encode(booking)}`;
  if (location.hash !== hash) history.pushState(null, '', hash);
  open(booking);
}

/** Opens the conversation in the address, so that links, new tabs and the browser's back
 *  button work. */
function followAddress() {
  const { hash } = location;
  if (hash === '' && document.body.dataset.view === 'chat') close();
  if (!hash.startsWith('#booking=')) return;
  let booking;
  try {
    booking = decodeURIComponent(hash.slice('#booking='.length));
  } catch {
    showGone(label('problem.not-found'));
    return;
  }
  open(booking);
}

/** Closes the conversation and removes it from the address. The address is replaced, so that the
 *  browser's back button does not open the conversation again. */
function leave() {
  history.replaceState(null, '', location.pathname + location.search);
  close();
}

// ---- Starting a conversation ----

async function loadBookings() {
  const bookings = await api.bookings();
  const placeholder = $('start-booking').options[0];
  const options = bookings.map((booking) => {
    const texts = [booking.customer, booking.activity, booking.code, booking.date].filter(Boolean);
    // An option cannot contain `bdi` elements. These characters isolate each text instead.
    return new Option(texts.map((text) => `\u2068${text}\u2069`).join(' · '), booking.booking);
  });
  placeholder.textContent = bookings.length ? `${label('startBooking')}…` : label('noBookings');
  $('start-booking').replaceChildren(placeholder, ...options);
}

/** Runs a request of a button, and shows the reason if the request fails. */
async function attempt(request) {
  try {
    await request();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    setText($('status'), problemText(problem));
  }
}

$('start').addEventListener('submit', (event) => {
  event.preventDefault();
  const booking = $('start-booking').value;
  if (!booking) return;
  attempt(async () => {
    client.inbox.store(await api.start(booking));
    goTo(booking);
    await loadBookings();
  });
});

$('mark-unread').addEventListener('click', () => attempt(async () => {
  const { booking, newestFromOtherSide: from } = client.conversation;
  if (!from) return;
  client.inbox.store(await api.markUnread(booking, from));
  if (pane.booking === booking) leave();
  poller.pollNow();
}));

$('mark-answered').addEventListener('click', () => attempt(async () => {
  const { booking, shown: upTo } = pane;
  const row = await api.markAnswered(booking, upTo);
  client.inbox.store(row);
  inbox.render();
  if (pane.booking !== booking) return;
  // If the focus stayed on the hidden button, it would be lost.
  $('log').focus({ preventScroll: true });
  showWaiting(row);
  poller.pollNow();
}));

$('messaging').addEventListener('change', (event) => attempt(async () => {
  const { target } = event;
  await api.setMessaging(target.checked ? 'on' : 'off').catch((problem) => {
    target.checked = !target.checked;
    throw problem;
  });
}));

// ---- Keyboard and address ----

addEventListener('keydown', (event) => {
  // In the dialog, Escape closes only the dialog.
  if (event.key !== 'Escape' || isForInputMethod(event) || removal.isOpen) return;
  if (document.body.dataset.view === 'chat') leave();
});

for (const id of ['back', 'no-selection-back']) $(id).addEventListener('click', leave);
$('skip').addEventListener('click', (event) => {
  event.preventDefault();
  const isListShown = narrow.matches && document.body.dataset.view === 'list';
  if (isListShown) $('list-scroll').focus();
  else (pane.booking === null ? $('chat') : $('draft')).focus();
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
