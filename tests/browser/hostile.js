// What a page shows, read from its tree.

/** What an element is made of: names of elements and attributes, and no text. */
function shape(it) {
  const changing = ['aria-current', 'data-said', 'style'];
  const names = it.getAttributeNames().filter((name) => !changing.includes(name)).sort();
  const { children } = it.localName === 'template' ? it.content : it;
  return `${it.localName}[${names}](${[...children].map(shape)})`;
}

/** The page without its conversations. */
function frame(page) {
  const copy = page.documentElement.cloneNode(true);
  for (const it of copy.querySelectorAll('#conversations, #days, #start-booking')) it.replaceChildren();
  return shape(copy);
}

const textOf = (it, css) => it.querySelector(css)?.textContent ?? null;
const titleOf = (it, css) => it.querySelector(css)?.getAttribute('title') ?? null;

function row(it) {
  return {
    booking: it.dataset.booking, link: decodeURIComponent(it.querySelector('a').getAttribute('href')),
    customer: textOf(it, '.customer'), customerTitle: titleOf(it, '.customer'),
    activity: textOf(it, '.activity'), code: textOf(it, '.code'), status: textOf(it, '.status'),
    statusWord: it.dataset.status, preview: textOf(it, '.preview'), shape: shape(it),
  };
}

function message(it) {
  return {
    number: Number(it.dataset.number), side: it.dataset.side, text: textOf(it, '.text'),
    sender: textOf(it, '.sender'), senderTitle: titleOf(it, '.sender'), shape: shape(it),
  };
}

const messages = (page) => [...page.querySelectorAll('#days .message')].map(message);
const rows = (page) => [...page.querySelectorAll('#conversations .conversation')].map(row);

/** The booking above a conversation, and its messages. */
function conversation(page) {
  return {
    title: textOf(page, 'title'), customer: textOf(page, '#customer'), customerTitle: titleOf(page, '#customer'),
    activity: textOf(page, '#activity'), activityTitle: titleOf(page, '#activity'), code: textOf(page, '#code'),
    status: textOf(page, '#booking-status'), messages: messages(page), frame: frame(page),
  };
}

const api = document.querySelector('meta[name="api"]')?.content;

async function post(path, body) {
  const headers = { 'Content-Type': 'application/json' };
  const response = await fetch(`${api}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  return response.json();
}

const thread = (booking) => `/threads/${encodeURIComponent(booking)}`;

/** The page at an address as the browser reads it, though it shows and runs nothing of it. */
async function parsed(address) {
  const text = await (await fetch(address)).text();
  return new DOMParser().parseFromString(text, 'text/html');
}

/** Sends each text; what the server answered to each. */
async function send(path, texts) {
  const answers = [];
  for (const body of texts) answers.push(await post(path, { body }));
  return answers;
}

/** Answers in each conversation, and reads the list as the server then makes it. */
async function reply(bookings, texts) {
  for (const [at, booking] of bookings.entries()) await post(`${thread(booking)}/messages`, { body: texts[at] });
  return rows(await parsed(location.href));
}

const portal = async (booking) => (await post(thread(booking), {})).portal;

/** Customers' pages as the server makes them. */
async function portals(bookings) {
  return Promise.all(bookings.map(async (booking) => conversation(await parsed(await portal(booking)))));
}

/** Opens each conversation in the page. */
async function open(bookings) {
  const found = [];
  for (const booking of bookings) {
    const chat = document.querySelector('#chat');
    // Left behind, it would pass for what is to be opened.
    chat.dataset.state = 'none';
    location.hash = `booking=${encodeURIComponent(booking)}`;
    const shown = () => chat.dataset.state === 'open' && document.querySelector('#days .message');
    for (const start = performance.now(); !shown() && performance.now() - start < 10_000;) {
      await new Promise((next) => { setTimeout(next, 2); });
    }
    found.push({ booking, ...conversation(document) });
  }
  return found;
}
