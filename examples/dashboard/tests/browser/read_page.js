// Functions that read what a page shows, and that send requests from it.

/** Returns true for a link that the page made of an address in a message, or for a number in a
 *  preview. Both contain only text. */
function isLink(element) {
  if (element.children.length) return false;
  const names = element.getAttributeNames().sort().join();
  if (element.matches('.preview > span.number')) return names === 'class';
  const isSafe = ['http:', 'https:', 'mailto:', 'tel:'].includes(element.protocol);
  return element.matches('.text > a[rel="noopener nofollow ugc"]') && isSafe
    && names === 'href,rel,target';
}

/** Returns the names of an element, of its attributes and of all its descendants, without
 *  any text. Injected markup would change the result. */
function structure(element) {
  const variable = ['aria-current', 'data-row-text', 'hidden', 'style'];
  const names = element.getAttributeNames().filter((name) => !variable.includes(name)).sort();
  if (isLink(element)) return '';
  const { children } = element.localName === 'template' ? element.content : element;
  return `${element.localName}[${names}](${[...children].map(structure)})`;
}

/** Returns the structure of a page without its conversations. */
function pageStructure(page) {
  const copy = page.documentElement.cloneNode(true);
  for (const list of copy.querySelectorAll('#conversations, #sections, #start-booking')) {
    list.replaceChildren();
  }
  return structure(copy);
}

const textOf = (parent, css) => parent.querySelector(css)?.textContent ?? null;
const titleOf = (parent, css) => parent.querySelector(css)?.getAttribute('title') ?? null;

function readRow(item) {
  return {
    booking: item.dataset.booking,
    link: decodeURIComponent(item.querySelector('a').getAttribute('href')),
    customer: textOf(item, '.customer'), customerTitle: titleOf(item, '.customer'),
    activity: textOf(item, '.activity'), code: textOf(item, '.code'),
    status: textOf(item, '.status'), statusWord: item.dataset.status,
    preview: textOf(item, '.preview'), structure: structure(item),
  };
}

function readMessage(item) {
  return {
    number: Number(item.dataset.number), side: item.dataset.side, text: textOf(item, '.text'),
    sender: textOf(item, '.sender'), senderTitle: titleOf(item, '.sender'),
    structure: structure(item),
  };
}

const messages = (page) => [...page.querySelectorAll('#sections .message')].map(readMessage);
const rows = (page) => [...page.querySelectorAll('#conversations .conversation')].map(readRow);

/** Reads the booking and the messages of the conversation in a page. */
function conversation(page) {
  return {
    title: textOf(page, 'title'),
    customer: textOf(page, '#customer'), customerTitle: titleOf(page, '#customer'),
    activity: textOf(page, '#activity'), activityTitle: titleOf(page, '#activity'),
    code: textOf(page, '#code'), status: textOf(page, '#booking-status'),
    messages: messages(page), pageStructure: pageStructure(page),
  };
}

const api = document.querySelector('meta[name="api"]')?.content;

async function post(path, body) {
  const headers = { 'Content-Type': 'application/json' };
  const request = { method: 'POST', headers, body: JSON.stringify(body) };
  return (await fetch(`${api}${path}`, request)).json();
}

const threadPath = (booking) => `/threads/${encodeURIComponent(booking)}`;

/** Loads a page as the server renders it. The browser parses it, but shows and runs nothing
 *  of it. */
async function serverRendered(url) {
  const text = await (await fetch(url)).text();
  return new DOMParser().parseFromString(text, 'text/html');
}

const currentMessages = () => messages(document);
const currentRows = () => rows(document);
const serverRenderedRows = async () => rows(await serverRendered(location.href));

/** Sends each text and returns the responses. */
async function send(path, texts) {
  const responses = [];
  for (const body of texts) responses.push(await post(path, { body }));
  return responses;
}

/** Replies in each conversation, and returns the rows that the server renders afterwards. */
async function reply(bookings, texts) {
  for (const [index, booking] of bookings.entries()) {
    await post(`${threadPath(booking)}/messages`, { body: texts[index] });
  }
  return serverRenderedRows();
}

const portal = async (booking) => (await post(threadPath(booking), {})).portal;

/** Reads the customer pages of the bookings as the server renders them. */
async function portals(bookings) {
  const read = async (booking) => conversation(await serverRendered(await portal(booking)));
  return Promise.all(bookings.map(read));
}

/** Opens each conversation in the page and reads it. */
async function open(bookings) {
  const found = [];
  for (const booking of bookings) {
    const chat = document.querySelector('#chat');
    // If the state stayed `open`, the previous conversation would count as the opened one.
    chat.dataset.state = 'none';
    location.hash = `booking=${encodeURIComponent(booking)}`;
    const isOpen = () =>
      chat.dataset.state === 'open' && document.querySelector('#sections .message');
    for (const start = performance.now(); !isOpen() && performance.now() - start < 10_000;) {
      await new Promise((next) => { setTimeout(next, 2); });
    }
    found.push({ booking, ...conversation(document) });
  }
  return found;
}
