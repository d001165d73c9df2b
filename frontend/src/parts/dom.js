// The few things that every part asks of the page.
const FIELDS = 'input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]';

export const narrow = () => matchMedia('(width <= 56rem)').matches;

export function inField(element = document.activeElement) {
  return Boolean(element?.matches?.(FIELDS));
}

// A part of the page in which somebody is at work: what they typed or opened must not be replaced.
export function isBusy(root) {
  if (root.querySelector('dialog[open]')) return true;
  if (root.contains(document.activeElement) && inField()) return true;
  return [...root.querySelectorAll('textarea, input[name]:not([type=hidden])')].some(isChanged);
}

function isChanged(field) {
  if (field.type === 'checkbox' || field.type === 'radio') return field.checked !== field.defaultChecked;
  return field.value !== field.defaultValue;
}

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
  made.append(...children);
  return made;
}

export function later(milliseconds, action) {
  let timer;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...given), milliseconds);
  };
}
