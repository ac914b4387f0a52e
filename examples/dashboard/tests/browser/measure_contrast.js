// Returns, for each visible text, the contrast that WCAG 2.2 requires (1.4.3) and the actual
// contrast. Returns the same for the border of each field (1.4.11).

const parseColour = (text) => {
  const [r, g, b, alpha = 1] = text.match(/[\d.]+/g).map(Number);
  return { rgb: [r, g, b], alpha };
};
const mix = (top, below, share) => top.map((value, at) => value * share + below[at] * (1 - share));
const blend = ({ rgb, alpha }, below) => mix(rgb, below, alpha);
const luminance = (rgb) => {
  const [r, g, b] = rgb.map((value) => {
    const channel = value / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrastRatio = (one, other) => {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
};

/** Returns the contrast between a colour in an element and the background behind the element.
 *  The opacity of all ancestors counts. */
function renderedContrast(colour, element) {
  const layers = [];
  let background = [255, 255, 255];
  const ancestors = [];
  for (let at = element; at; at = at.parentElement) ancestors.unshift(at);
  for (const ancestor of ancestors) {
    const style = getComputedStyle(ancestor);
    layers.unshift([Number(style.opacity), background]);
    background = blend(parseColour(style.backgroundColor), background);
  }
  let foreground = blend(colour, background);
  for (const [opacity, below] of layers) {
    [foreground, background] = [mix(foreground, below, opacity), mix(background, below, opacity)];
  }
  return contrastRatio(foreground, background);
}

const nameOf = (element) => `${element.tagName.toLowerCase()}${element.id && `#${element.id}`}${
  element.classList.length ? `.${[...element.classList].join('.')}` : ''}`;
const TEXT = 4.5;
const BORDER = 3;
const results = [];
for (const animation of document.getAnimations()) animation.finish();
for (const element of document.body.querySelectorAll('*')) {
  const name = nameOf(element);
  const colour = (pseudo) => parseColour(getComputedStyle(element, pseudo).color);
  const { width } = element.getBoundingClientRect();
  if (!element.checkVisibility({ visibilityProperty: true }) || width <= 1) continue;
  const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  if (hasText) results.push([name, TEXT, renderedContrast(colour(), element)]);
  for (const pseudo of ['::before', '::after']) {
    const { content } = getComputedStyle(element, pseudo);
    const hasContent = !['none', 'normal', '""'].includes(content);
    if (hasContent) results.push([name + pseudo, TEXT, renderedContrast(colour(pseudo), element)]);
  }
  if (element.matches('textarea')) {
    const placeholder = renderedContrast(colour('::placeholder'), element);
    results.push([`${name}::placeholder`, TEXT, placeholder]);
    results.push([name, TEXT, renderedContrast(colour(), element)]);
  }
  if (element.matches('textarea, select')) {
    const border = parseColour(getComputedStyle(element).borderTopColor);
    results.push([`${name} border`, BORDER, renderedContrast(border, element.parentElement)]);
  }
}
return results;
