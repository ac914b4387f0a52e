// The text of a message, with links.

import { tokenize } from './vendor/linkify.js';

/** Phone numbers that are written with the country's code or with an area code in parentheses. Other
 *  digits can be a booking's code, a price or a date. */
const PHONE = /(?<![\w+.-])(?:\+[1-9]|\(\d{2,4}\)[ -]?\d|1?[ -]?\d{3}-\d{3}-\d{3})[\d ().\/-]{3,20}\d(?![\w-])/g;
const SCHEMES = ['http:', 'https:', 'mailto:'];
const shown = new WeakMap();

/** Shows a raw text and makes links of its addresses and phone numbers. The nodes are made from the
 *  raw text, so nothing in it acts as markup. */
export function showText(element, text) {
  if (shown.get(element) === text) return;
  shown.set(element, text);
  element.replaceChildren(...nodes(text));
}

function nodes(text) {
  const tokens = tokenize(text);
  if (tokens.map(String).join('') !== text) return [text];
  const parts = [];
  let plain = '';
  const flush = () => { parts.push(...phoneLinks(plain)); plain = ''; };
  for (const token of tokens) {
    const target = token.isLink && token.toHref('https');
    if (target && SCHEMES.includes(schemeOf(target))) {
      flush();
      parts.push(link(target, String(token)));
    } else plain += String(token);
  }
  flush();
  return parts;
}

function schemeOf(address) {
  return URL.canParse(address) ? new URL(address).protocol : null;
}

function phoneLinks(text) {
  const parts = [];
  let end = 0;
  for (const { 0: number, index } of text.matchAll(PHONE)) {
    const digits = number.replace(/\D/g, '');
    if (digits.length < 7 || digits.length > 15) continue;
    const prefix = number.startsWith('+') ? '+' : '';
    parts.push(text.slice(end, index), link(`tel:${prefix}${digits}`, number));
    end = index + number.length;
  }
  return [...parts, text.slice(end)].filter((part) => part !== '');
}

function link(target, text) {
  const element = document.createElement('a');
  // The page must not give the other site access to its window, and search engines must not
  // count links of customers.
  [element.href, element.rel, element.target] = [target, 'noopener nofollow ugc', '_blank'];
  element.textContent = text;
  return element;
}
