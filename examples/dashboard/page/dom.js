// Access to the page's elements and to the values that the server put into it.
//
// All text from the server is raw. It goes into the page only through `textContent`, `title`
// or `value`, never as markup, so the browser shows it as typed and runs nothing of it.

export const $ = (id) => document.getElementById(id);
export const meta = (name) => document.querySelector(`meta[name="${name}"]`).content;

const labels = JSON.parse(meta('labels'));

/** Returns a label in the page's language. */
export const label = (name) => labels[name] ?? '';

/** Returns the reason of a failed request in the page's language. */
export const problemText = (problem) => label(`problem.${problem.kind}`) || label('problem.other');

/** The options of the API: the language of the answers. */
export const apiOptions = { parameters: { lang: document.documentElement.lang } };

/** The current date of the location and its heading. */
export const today = { date: meta('today'), heading: meta('today-label') };

/** Is true on a phone: the page shows either the list or the conversation. `style.css` has the same
 *  condition. */
export const narrow = matchMedia('(max-width: 47.5em)');

/** Is true if the main pointer is a finger. */
export const coarse = matchMedia('(pointer: coarse)');

/** Returns true for a key that an input method handles, such as the Enter key that confirms a word.
 *  WebKit sends that key after the end of the composition, with this code. */
export const isForInputMethod = (event) => event.isComposing || event.keyCode === 229;

/** Sets a text only if it changes, so that a screen reader does not announce it again. */
export function setText(element, text) {
  if (element.textContent !== (text ?? '')) element.textContent = text ?? '';
}

/** Shows the booking's facts. A fact without a text is hidden. */
export function showFacts(values) {
  for (const name of ['code', 'date', 'lastDate', 'time', 'duration']) {
    setText($(name), values[name]);
    $(name).closest('div').hidden = !values[name];
  }
}

/** Shows a status. Only a long status can be cut at its end. */
export function showStatus(element, label, word) {
  setText(element, label);
  element.title = label ?? '';
  element.dataset.status = word ?? '';
  element.classList.toggle('long', (label ?? '').length > 20);
}

export function cloneTemplate(id) {
  return document.importNode($(id).content.firstElementChild, true);
}

/** Returns one of the browser's storages, or null if the browser does not allow it. */
export function storage(name) {
  try {
    return window[name];
  } catch {
    return null;
  }
}
