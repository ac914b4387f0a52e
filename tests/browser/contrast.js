// Each text that one sees, with how much it stands out (WCAG 2.2, 1.4.3), and each
// frame of a field with how much that does (1.4.11).

const numbers = (colour) => {
  const [r, g, b, alpha = 1] = colour.match(/[\d.]+/g).map(Number);
  return { rgb: [r, g, b], alpha };
};
const mix = (top, under, share) => top.map((value, at) => value * share + under[at] * (1 - share));
const over = ({ rgb, alpha }, under) => mix(rgb, under, alpha);
const luminance = (rgb) => {
  const [r, g, b] = rgb.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ratio = (one, other) => {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
};

/** How a colour in an element and what is behind it come out on the screen. */
function seen(colour, element) {
  const layers = [];
  let ground = [255, 255, 255];
  const line = [];
  for (let at = element; at; at = at.parentElement) line.unshift(at);
  for (const at of line) {
    const style = getComputedStyle(at);
    layers.unshift([Number(style.opacity), ground]);
    ground = over(numbers(style.backgroundColor), ground);
  }
  let top = over(colour, ground);
  for (const [opacity, below] of layers) {
    [top, ground] = [mix(top, below, opacity), mix(ground, below, opacity)];
  }
  return ratio(top, ground);
}

const name = (element) => `${element.tagName.toLowerCase()}${element.id && `#${element.id}`}${
  element.classList.length ? `.${[...element.classList].join('.')}` : ''}`;
const found = [];
for (const animation of document.getAnimations()) animation.finish();
for (const element of document.body.querySelectorAll('*')) {
  const box = element.getBoundingClientRect();
  if (!element.checkVisibility({ visibilityProperty: true }) || box.width <= 1) continue;
  const texts = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  if (texts) found.push([name(element), 4.5, seen(numbers(getComputedStyle(element).color), element)]);
  for (const part of ['::before', '::after']) {
    const style = getComputedStyle(element, part);
    const words = !['none', 'normal', '""'].includes(style.content);
    if (words) found.push([name(element) + part, 4.5, seen(numbers(style.color), element)]);
  }
  if (element.matches('textarea')) {
    const { color } = getComputedStyle(element, '::placeholder');
    found.push([`${name(element)}::placeholder`, 4.5, seen(numbers(color), element)]);
    found.push([name(element), 4.5, seen(numbers(getComputedStyle(element).color), element)]);
  }
  if (element.matches('textarea, select')) {
    const border = numbers(getComputedStyle(element).borderTopColor);
    found.push([`${name(element)} frame`, 3, seen(border, element.parentElement)]);
  }
}
return found;
