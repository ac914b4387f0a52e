// The team's page: the list of conversations, and the one that is open.

import { $, Chat, Composer, Poller, Problem, call, copy, label, refreshDates, say } from './shared.js';

const part = encodeURIComponent;
const place = document.querySelector('meta[name="location"]').content;
const segments = new Intl.Segmenter();

// ---- The list ----

/** Every row that the server told of, by booking. */
const rows = new Map();
let cursor, next, end, unreadOnly = false, pages = 1;

/** Newest first, then by booking id in bytes (L1). Times have microseconds, of
 *  which `Date` knows three digits less. */
function position(row) {
  const digits = /\.(\d+)/.exec(row.activeAt)?.[1] ?? '';
  const micros = Number(digits.padEnd(6, '0').slice(3, 6));
  return { at: Date.parse(row.activeAt), micros, id: new TextEncoder().encode(row.booking) };
}

function inOrder(a, b) {
  if (a.at !== b.at) return b.at - a.at;
  if (a.micros !== b.micros) return b.micros - a.micros;
  const at = a.id.findIndex((byte, index) => byte !== b.id[index]);
  return at < 0 ? a.id.length - b.id.length : a.id[at] - (b.id[at] ?? -1);
}

function keep(row) {
  row.position = position(row);
  rows.set(row.booking, row);
}

/** One at a time, so that no older answer overwrites a newer one. */
let turn = Promise.resolve();
function inTurn(ask) {
  const mine = turn.then(ask);
  turn = mine.catch(() => {});
  return mine;
}

/** The list anew, as far down as it was. */
async function loadList(count) {
  const filter = unreadOnly;
  let page = await call('GET', `/inbox?unread=${filter}`);
  const found = [page];
  while (found.length < count && page.next) {
    page = await call('GET', `/inbox?after=${part(page.next)}`);
    found.push(page);
  }
  rows.clear();
  found.forEach((page) => page.rows.forEach(keep));
  // Another filter since: load again.
  cursor = filter === unreadOnly ? found[0].cursor : undefined;
  pages = found.length;
  reached(page);
  showUnread(found[0]);
}

function reached(page) {
  next = page.next;
  end = page.rows.length ? position(page.rows.at(-1)) : null;
  draw();
}

let loadingMore = false;
async function loadMore() {
  const { scrollHeight, scrollTop, clientHeight } = $('list-scroll');
  if (!clientHeight || !next || loadingMore || scrollHeight - scrollTop - clientHeight > 400) return;
  loadingMore = true;
  try {
    await inTurn(async () => {
      if (!next) return;
      const page = await call('GET', `/inbox?after=${part(next)}`);
      page.rows.forEach(keep);
      pages += 1;
      reached(page);
    });
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    return;
  } finally {
    loadingMore = false;
  }
  loadMore();
}

function showUnread({ unread, badge }) {
  say($('unread-total'), badge ?? '');
  document.title = `${unread ? `(${unread}) ` : ''}${label('conversations')} – ${place}`;
}

/** The rows that the list has come down to, in order; only what moved is moved. */
function draw() {
  const shown = [...rows.values()]
    .filter((row) => !next || inOrder(row.position, end) <= 0)
    .filter((row) => !unreadOnly || row.unread > 0 || row.booking === chat.of)
    .sort((a, b) => inOrder(a.position, b.position));
  const list = $('conversations');
  const focused = document.activeElement;
  const there = new Map([...list.children].map((item) => [item.dataset.booking, item]));
  const stay = new Set(shown.map((row) => row.booking));
  there.forEach((item, booking) => stay.has(booking) || item.remove());
  let at = list.firstElementChild;
  for (const row of shown) {
    const item = there.get(row.booking) ?? copy('row');
    fill(item, row);
    if (item === at) at = at.nextElementSibling;
    else list.insertBefore(item, at);
  }
  if (focused !== document.activeElement && list.contains(focused)) focused.focus({ preventScroll: true });
  $('no-conversations').hidden = shown.length > 0;
  say($('no-conversations'), label(unreadOnly ? 'noUnread' : 'noConversations'));
  for (const option of [...$('start-booking').options]) if (rows.has(option.value)) option.remove();
}

/** Fills a row with raw texts; every one of them is somebody's. */
function fill(item, row) {
  const set = (name, text) => say(item.querySelector(`.${name}`), text);
  item.dataset.booking = row.booking;
  item.dataset.status = item.querySelector('.status').dataset.status = row.status;
  item.classList.toggle('unread', row.unread > 0);
  const link = item.querySelector('a');
  link.setAttribute('href', `#booking=${part(row.booking)}`);
  if (row.booking === chat.of) link.setAttribute('aria-current', 'true');
  else link.removeAttribute('aria-current');
  set('avatar', segments.segment(row.customer)[Symbol.iterator]().next().value?.segment);
  set('customer', row.customer);
  item.querySelector('.customer').title = row.customer;
  set('activity', row.activity);
  set('code', row.shortCode);
  set('booking-date', row.bookingDate);
  set('status', row.statusLabel);
  set('you', row.lastFrom === 'operator' ? label('you') : '');
  set('preview', row.preview && row.preview.text + (row.preview.cut ? '…' : ''));
  set('badge', row.badge);
  const relative = item.querySelector('.relative');
  // Its words may be newer than the row's.
  if (relative.dateTime !== row.activeAt || relative.dataset.said !== row.relative) {
    say(relative, row.relative);
    [relative.dateTime, relative.dataset.said] = [row.activeAt, row.relative];
  }
}

// ---- The conversation that is open ----

const thread = (booking) => `/threads/${part(booking)}`;
const chat = new Chat('operator', (before) =>
  call('GET', `${thread(chat.of)}/messages?before=${before}`));
const composer = new Composer(chat,
  (booking, draft) => call('POST', `${thread(booking)}/messages`, draft),
  () => poller.soon());

/** Counts the openings: an answer about an earlier one is dropped. */
let opening = 0;

/** When the page is looked at: what opens in the background is not read. */
async function looked() {
  while (document.hidden) {
    await new Promise((done) => document.addEventListener('visibilitychange', done, { once: true }));
  }
}

async function open(booking) {
  const mine = ++opening;
  if (chat.of !== booking) {
    chat.clear(booking);
    // What the list knows is there at once, the rest with the answer.
    const row = rows.get(booking);
    header({ customer: row?.customer, activity: row?.activity, code: row?.shortCode,
      date: row?.bookingDate, time: ' ', status: row?.status, statusLabel: row?.statusLabel });
    state('loading');
    composer.show(booking);
    draw();
  }
  try {
    await looked();
    if (mine !== opening) return;
    const conversation = await call('POST', thread(booking));
    await composer.settled(booking);
    if (mine !== opening) return;
    header(conversation);
    chat.open(conversation);
    state('open');
    if (matchMedia('(pointer: fine)').matches) $('draft').focus();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    // What is shown stays, and is polled.
    if (mine === opening && !(problem.kind === 'offline' && isOpen())) gone(problem.words);
  }
  poller.soon();
}

function close() {
  opening += 1;
  const row = document.querySelector('.conversation a[aria-current="true"]');
  chat.clear();
  say($('nothing-title'), label('pick'));
  say($('nothing-hint'), label('pickHint'));
  state('none');
  draw();
  row?.focus({ preventScroll: true });
}

function gone(words) {
  opening += 1;
  chat.clear();
  say($('nothing-title'), words);
  say($('nothing-hint'), '');
  state('none');
  document.body.dataset.view = 'chat';
  draw();
  $('chat').focus();
}

function state(now) {
  $('chat').dataset.state = now;
  document.body.dataset.view = now === 'none' ? 'list' : 'chat';
}

/** Whether a conversation is shown, as it was at some time. */
function isOpen() {
  return $('chat').dataset.state === 'open';
}

function header(conversation) {
  for (const name of ['customer', 'activity', 'code', 'date', 'time', 'duration']) {
    say($(name), conversation[name]);
    $(name).title = conversation[name]?.trim() ?? '';
  }
  say($('booking-status'), conversation.statusLabel);
  $('booking-status').dataset.status = conversation.status ?? '';
  if ('portal' in conversation) {
    $('portal').href = conversation.portal;
    $('crm').hidden = !conversation.crm;
    $('crm').href = conversation.crm ?? '';
  }
}

/** The address says what is open: links, new tabs and the way back work. */
function follow() {
  const { hash } = location;
  if (hash === '' && document.body.dataset.view === 'chat') close();
  if (!hash.startsWith('#booking=')) return;
  try {
    open(decodeURIComponent(hash.slice('#booking='.length)));
  } catch {
    gone(label('problem.not-found'));
  }
}

function leave() {
  history.pushState(null, '', location.pathname + location.search);
  state('none');
  close();
}

// ---- News ----

const poller = new Poller(() => inTurn(async () => {
  while (cursor === undefined) await loadList(1);
  const since = cursor;
  // What nobody sees is not read: with the page in the background only the list
  // is polled, and so it is while a message is on its way.
  const mine = opening;
  const looking = isOpen() && !document.hidden && !composer.sending(chat.of);
  const shown = looking ? { booking: chat.of, shown: chat.shown } : null;
  let news;
  try {
    news = await call('POST', '/poll', { cursor, open: shown });
  } catch (problem) {
    // Of another version of the server.
    if (['cursor', 'request'].includes(problem.kind)) cursor = undefined;
    throw problem;
  }
  if (news.kind === 'startOver') {
    await loadList(pages);
    if (chat.of !== null) open(chat.of);
    return;
  }
  // Not if the filter was changed meanwhile, which asks for the list anew.
  if (cursor === since) cursor = news.cursor;
  news.rows.forEach(keep);
  news.erased.forEach((booking) => rows.delete(booking));
  showUnread(news);
  draw();
  loadMore();
  if (mine === opening && chat.of !== null) {
    if (news.erased.includes(chat.of)) gone(label('erased'));
    else if (shown && news.conversation && !composer.sending(chat.of)) {
      header(news.conversation);
      chat.add(news.conversation);
      if (news.conversation.hasLater) poller.soon();
    }
  }
  if (news.erased.length) loadBookings();
  await refreshDates();
}));

// ---- Starting a conversation ----

async function loadBookings() {
  const bookings = await call('GET', '/bookings');
  const first = $('start-booking').options[0];
  const options = bookings.map((booking) => {
    const texts = [booking.customer, booking.activity, booking.code, booking.date];
    // An option holds no elements: these isolate each text as `bdi` does.
    return new Option(texts.map((text) => `\u2068${text}\u2069`).join(' · '), booking.booking);
  });
  first.textContent = bookings.length ? `${label('startBooking')}…` : label('noBookings');
  $('start-booking').replaceChildren(first, ...options);
}

$('start').addEventListener('submit', async (event) => {
  event.preventDefault();
  const booking = $('start-booking').value;
  if (!booking) return;
  try {
    keep(await call('POST', '/threads', { booking }));
    const hash = `#booking=${part(booking)}`;
    if (location.hash === hash) follow();
    else location.hash = hash;
    await loadBookings();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    say($('status'), problem.words);
  }
});

$('mark-unread').addEventListener('click', async () => {
  const [from, of] = [chat.newestOfThem, chat.of];
  if (!from) return;
  try {
    keep(await call('POST', `${thread(of)}/unread`, { from }));
    if (chat.of === of) leave();
    poller.soon();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    say($('status'), problem.words);
  }
});

$('filter-unread').addEventListener('change', async (event) => {
  unreadOnly = event.target.checked;
  cursor = undefined;
  $('list-scroll').scrollTop = 0;
  draw();
  poller.soon();
});

// ---- Keys ----

$('conversations').addEventListener('keydown', (event) => {
  const item = event.target.closest('.conversation');
  const other = { ArrowDown: item?.nextElementSibling, ArrowUp: item?.previousElementSibling }[event.key];
  if (!other) return;
  event.preventDefault();
  other.querySelector('a').focus();
});

addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && !event.isComposing && document.body.dataset.view === 'chat') leave();
});

for (const back of ['back', 'nothing-back']) $(back).addEventListener('click', leave);
$('skip').addEventListener('click', (event) => {
  event.preventDefault();
  (chat.of === null ? $('chat') : $('draft')).focus();
});
// The other language of the same conversation.
$('language').addEventListener('click', (event) => { event.currentTarget.hash = location.hash; });
$('list-scroll').addEventListener('scroll', loadMore, { passive: true });
// Tells of links as well as of the way back.
addEventListener('popstate', follow);

follow();
poller.soon();
loadBookings().catch(() => {});
