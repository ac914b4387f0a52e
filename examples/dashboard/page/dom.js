// Access to the page's elements and to the values that the server put into it.
//
// All text from the server is raw. It goes into the page only through `textContent`, `title`
// or `value`, never as markup, so the browser shows it as typed and runs nothing of it.

export const $ = (id) => document.getElementById(id);
export const meta = (name) => document.querySelector(`meta[name="${name}"]`).content;

const labels = JSON.parse(meta('labels'));

/** Returns a label in the page's language. */
export const label = (name) => labels[name] ?? '';

/** The current date of the location and its heading. */
export const today = { date: meta('today'), label: meta('today-label') };

/** Sets a text only if it changes, so that a screen reader does not announce it again. */
export function setText(element, text) {
  if (element.textContent !== (text ?? '')) element.textContent = text ?? '';
}

export function cloneTemplate(id) {
  return document.importNode($(id).content.firstElementChild, true);
}
