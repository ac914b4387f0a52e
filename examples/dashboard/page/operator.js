// The team's page: the list of conversations and the open conversation.

import { $, cloneTemplate, label, meta, setText } from './dom.js';
import { Problem, call } from './api.js';
import { Composer } from './composer.js';
import { ConversationPane } from './conversation.js';
import { refreshDates } from './dates.js';
import { Poller } from './poller.js';

const encode = encodeURIComponent;
const locationName = meta('location');
const segmenter = new Intl.Segmenter();

// ---- The list ----

/** All rows that the server sent, by booking. */
const rows = new Map();
/** The cursor of the polls, the cursor of the next page, and the position of the last row
 *  that was loaded. */
let cursor, nextPage, lastPosition;
let unreadOnly = false, pageCount = 1;

/** The position of a row: newest first, then by the bytes of the booking id (L1). The times
 *  have microseconds, which `Date` cannot hold. */
function position(row) {
  const digits = /\.(\d+)/.exec(row.activeAt)?.[1] ?? '';
  const micros = Number(digits.padEnd(6, '0').slice(3, 6));
  return { millis: Date.parse(row.activeAt), micros, id: new TextEncoder().encode(row.booking) };
}

function comparePositions(a, b) {
  if (a.millis !== b.millis) return b.millis - a.millis;
  if (a.micros !== b.micros) return b.micros - a.micros;
  const index = a.id.findIndex((byte, index) => byte !== b.id[index]);
  return index < 0 ? a.id.length - b.id.length : a.id[index] - (b.id[index] ?? -1);
}

function storeRow(row) {
  row.position = position(row);
  rows.set(row.booking, row);
}

/** Runs one task at a time, so that no older answer overwrites a newer one. */
let lastTask = Promise.resolve();
function runExclusively(task) {
  const promise = lastTask.then(task);
  lastTask = promise.catch(() => {});
  return promise;
}

/** Loads the first `count` pages of the list again. */
async function loadList(count) {
  const filter = unreadOnly;
  let page = await call('GET', `/inbox?unread=${filter}`);
  const pages = [page];
  while (pages.length < count && page.next) {
    page = await call('GET', `/inbox?after=${encode(page.next)}`);
    pages.push(page);
  }
  rows.clear();
  pages.forEach((page) => page.rows.forEach(storeRow));
  // If the filter changed in the meantime, the next poll has no cursor and loads the list again.
  cursor = filter === unreadOnly ? pages[0].cursor : undefined;
  pageCount = pages.length;
  setLastPage(page);
  showUnread(pages[0]);
}

function setLastPage(page) {
  nextPage = page.next;
  lastPosition = page.rows.length ? position(page.rows.at(-1)) : null;
  renderList();
}

let isLoadingMore = false;
async function loadMore() {
  const { scrollHeight, scrollTop, clientHeight } = $('list-scroll');
  const isNearEnd = clientHeight && scrollHeight - scrollTop - clientHeight <= 400;
  if (!isNearEnd || !nextPage || isLoadingMore) return;
  isLoadingMore = true;
  try {
    await runExclusively(async () => {
      if (!nextPage) return;
      const page = await call('GET', `/inbox?after=${encode(nextPage)}`);
      page.rows.forEach(storeRow);
      pageCount += 1;
      setLastPage(page);
    });
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    return;
  } finally {
    isLoadingMore = false;
  }
  loadMore();
}

function showUnread({ unread, badge }) {
  setText($('unread-total'), badge ?? '');
  document.title = `${unread ? `(${unread}) ` : ''}${label('conversations')} – ${locationName}`;
}

/** Renders the rows down to the last loaded position. Moves only elements whose place
 *  changed. */
function renderList() {
  const visible = [...rows.values()]
    .filter((row) => !nextPage || comparePositions(row.position, lastPosition) <= 0)
    .filter((row) => !unreadOnly || row.unread > 0 || row.booking === pane.booking)
    .sort((a, b) => comparePositions(a.position, b.position));
  const list = $('conversations');
  const focused = document.activeElement;
  const items = new Map([...list.children].map((item) => [item.dataset.booking, item]));
  const bookings = new Set(visible.map((row) => row.booking));
  items.forEach((item, booking) => bookings.has(booking) || item.remove());
  let expected = list.firstElementChild;
  for (const row of visible) {
    const item = items.get(row.booking) ?? cloneTemplate('row');
    fillRow(item, row);
    if (item === expected) expected = expected.nextElementSibling;
    else list.insertBefore(item, expected);
  }
  if (focused !== document.activeElement && list.contains(focused)) {
    focused.focus({ preventScroll: true });
  }
  $('no-conversations').hidden = visible.length > 0;
  setText($('no-conversations'), label(unreadOnly ? 'noUnread' : 'noConversations'));
  for (const option of [...$('start-booking').options]) {
    if (rows.has(option.value)) option.remove();
  }
}

/** Fills a row with raw texts. Any of them may contain markup. */
function fillRow(item, row) {
  const set = (name, text) => setText(item.querySelector(`.${name}`), text);
  item.dataset.booking = row.booking;
  item.dataset.status = item.querySelector('.status').dataset.status = row.status;
  item.classList.toggle('unread', row.unread > 0);
  const link = item.querySelector('a');
  link.setAttribute('href', `#booking=${encode(row.booking)}`);
  if (row.booking === pane.booking) link.setAttribute('aria-current', 'true');
  else link.removeAttribute('aria-current');
  set('avatar', segmenter.segment(row.customer)[Symbol.iterator]().next().value?.segment);
  set('customer', row.customer);
  item.querySelector('.customer').title = row.customer;
  set('activity', row.activity);
  set('code', row.shortCode);
  set('booking-date', row.bookingDate);
  set('status', row.statusLabel);
  set('you', row.lastFrom === 'operator' ? label('you') : '');
  set('preview', row.preview && row.preview.text + (row.preview.cut ? '…' : ''));
  set('badge', row.badge);
  const time = item.querySelector('.relative-time');
  // `refreshDates` may have set a text that is newer than the row. Keep this text while the row
  // is the same.
  if (time.dateTime !== row.activeAt || time.dataset.rowText !== row.relative) {
    setText(time, row.relative);
    [time.dateTime, time.dataset.rowText] = [row.activeAt, row.relative];
  }
}

// ---- The open conversation ----

const threadPath = (booking) => `/threads/${encode(booking)}`;
const pane = new ConversationPane('operator', (before) =>
  call('GET', `${threadPath(pane.booking)}/messages?before=${before}`));
const composer = new Composer(pane,
  (booking, draft) => call('POST', `${threadPath(booking)}/messages`, draft),
  () => poller.pollNow());

/** Incremented whenever a conversation is opened or closed. An answer to an earlier request
 *  is dropped. */
let openCount = 0;

/** Waits until the page is visible, because opening marks messages as read. */
async function whenVisible() {
  while (document.hidden) {
    await new Promise((done) => document.addEventListener('visibilitychange', done, { once: true }));
  }
}

async function open(booking) {
  const count = ++openCount;
  if (pane.booking !== booking) {
    pane.clear(booking);
    // The texts that are in the row are shown at once. The others are shown with the answer.
    const row = rows.get(booking);
    showHeader({ customer: row?.customer, activity: row?.activity, code: row?.shortCode,
      date: row?.bookingDate, time: ' ', status: row?.status, statusLabel: row?.statusLabel });
    setState('loading');
    composer.show(booking);
    renderList();
  }
  try {
    await whenVisible();
    if (count !== openCount) return;
    const conversation = await call('POST', threadPath(booking));
    await composer.whenSent(booking);
    if (count !== openCount) return;
    showHeader(conversation);
    pane.show(conversation);
    setState('open');
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
  renderList();
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
  renderList();
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
  for (const name of ['customer', 'activity', 'code', 'date', 'time', 'duration']) {
    setText($(name), conversation[name]);
    $(name).title = conversation[name]?.trim() ?? '';
  }
  setText($('booking-status'), conversation.statusLabel);
  $('booking-status').dataset.status = conversation.status ?? '';
  if ('portal' in conversation) {
    $('portal').href = conversation.portal;
    $('crm').hidden = !conversation.crm;
    $('crm').href = conversation.crm ?? '';
  }
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

const poller = new Poller(() => runExclusively(async () => {
  while (cursor === undefined) await loadList(1);
  const pollCursor = cursor;
  const count = openCount;
  // A poll with an open conversation marks its messages as read. So the poll leaves out the
  // conversation while the page is in the background, and also while a message is being sent.
  const isShown = isOpen() && !document.hidden && !composer.isSending(pane.booking);
  const openThread = isShown ? { booking: pane.booking, shown: pane.shown } : null;
  let poll;
  try {
    poll = await call('POST', '/poll', { cursor, open: openThread });
  } catch (problem) {
    // Another version of the server made the cursor. The next poll loads the list again.
    if (problem.isAboutCursor) cursor = undefined;
    throw problem;
  }
  if (poll.kind === 'startOver') {
    await loadList(pageCount);
    if (pane.booking !== null) open(pane.booking);
    return;
  }
  // If the filter changed in the meantime, the cursor was removed, and the list is loaded again.
  if (cursor === pollCursor) cursor = poll.cursor;
  poll.rows.forEach(storeRow);
  poll.erased.forEach((booking) => rows.delete(booking));
  showUnread(poll);
  renderList();
  loadMore();
  if (count === openCount && pane.booking !== null) {
    if (poll.erased.includes(pane.booking)) showGone(label('erased'));
    else if (openThread && poll.conversation && !composer.isSending(pane.booking)) {
      showHeader(poll.conversation);
      pane.merge(poll.conversation);
      if (poll.conversation.hasLater) poller.pollNow();
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
    storeRow(await call('POST', '/threads', { booking }));
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
    storeRow(await call('POST', `${threadPath(booking)}/unread`, { from }));
    if (pane.booking === booking) leave();
    poller.pollNow();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    setText($('status'), problem.text);
  }
});

$('filter-unread').addEventListener('change', async (event) => {
  unreadOnly = event.target.checked;
  cursor = undefined;
  $('list-scroll').scrollTop = 0;
  renderList();
  poller.pollNow();
});

// ---- Keyboard and address ----

$('conversations').addEventListener('keydown', (event) => {
  const item = event.target.closest('.conversation');
  const neighbours = { ArrowDown: item?.nextElementSibling, ArrowUp: item?.previousElementSibling };
  const neighbour = neighbours[event.key];
  if (!neighbour) return;
  event.preventDefault();
  neighbour.querySelector('a').focus();
});

addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && !event.isComposing && document.body.dataset.view === 'chat') leave();
});

for (const id of ['back', 'no-selection-back']) $(id).addEventListener('click', leave);
$('skip').addEventListener('click', (event) => {
  event.preventDefault();
  (pane.booking === null ? $('chat') : $('draft')).focus();
});
// The link to the other language keeps the open conversation.
$('language').addEventListener('click', (event) => { event.currentTarget.hash = location.hash; });
$('list-scroll').addEventListener('scroll', loadMore, { passive: true });
// This event comes for links to another `#booking=` and for the back button.
addEventListener('popstate', followAddress);

followAddress();
poller.pollNow();
loadBookings().catch(() => {});
