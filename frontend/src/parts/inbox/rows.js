// The list of work items: it never moves under the pointer; what is new waits behind a button until then.
import { askFragment } from '../asking.js';
import { element } from '../dom.js';
import { say } from '../saying.js';
import { text } from '../strings.js';
import { localise } from '../times.js';

const IN_USE = 15_000;
const LOOK_EVERY = 2_000;
const list = document.querySelector('[data-list]');
const news = document.querySelector('[data-live-news]');
const unopened = new Set();
let current = list?.querySelector('[data-row][aria-current]')?.dataset.item ?? null;
let usedAt = 0;
let waiting = null;

export const hasList = () => Boolean(list?.checkVisibility());
export const links = () => [...(list?.querySelectorAll('[data-row]') ?? [])];
export const linkOf = (id) => links().find((link) => link.dataset.item === id);
export const currentId = () => current;

export function setCurrent(id) {
  current = id;
  unopened.delete(id);
  links().forEach((link) => {
    if (link.dataset.item === id) link.setAttribute('aria-current', 'true');
    else link.removeAttribute('aria-current');
  });
  const row = linkOf(id)?.closest('li');
  row?.classList.remove('fresh');
  row?.querySelector('[data-fresh]')?.remove();
  row?.scrollIntoView({ block: 'nearest' });
}

// A row that no longer waits for anybody here, though it still stands where it was.
export function dim(id, words) {
  const row = linkOf(id)?.closest('li');
  row?.classList.add('taken');
  row?.querySelector('.note')?.replaceChildren(words);
}

export function neighbour(step, from = current) {
  const all = links();
  const at = all.findIndex((link) => link.dataset.item === from);
  if (at < 0) return all[0];
  return all[Math.min(Math.max(at + step, 0), all.length - 1)];
}

export function nextOpen(after) {
  const all = links();
  const at = all.findIndex((link) => link.dataset.item === after);
  const order = [...all.slice(at + 1), ...all.slice(0, Math.max(at, 0))];
  return order.find((link) => !link.closest('li').classList.contains('taken'));
}

export async function refresh() {
  const html = await askFragment(list.dataset.url, 'rows');
  const fresh = new DOMParser().parseFromString(html, 'text/html').body;
  showCounts(fresh.querySelector('[data-views]'));
  const known = new Set(links().map((link) => link.dataset.item));
  const arrived = idsOf(fresh).filter((id) => !known.has(id));
  arrived.forEach((id) => unopened.add(id));
  waiting = fresh;
  if (!inUse()) {
    show();
    if (arrived.length) say(text('news', { count: arrived.length }));
    return;
  }
  const present = new Set(idsOf(fresh));
  links().filter((link) => !present.has(link.dataset.item)).forEach((link) => dim(link.dataset.item, text('gone')));
  news.hidden = arrived.length === 0;
  news.textContent = text('news', { count: arrived.length });
  if (arrived.length) say(text('news', { count: arrived.length }));
}

const idsOf = (root) => [...root.querySelectorAll('[data-row]')].map((link) => link.dataset.item);

function showCounts(views) {
  if (views) document.querySelector('[data-views]')?.replaceWith(views);
}

function show() {
  if (!waiting) return;
  const focused = document.activeElement?.closest?.('li.row')?.querySelector('[data-row]').dataset.item;
  const inBox = document.activeElement?.type === 'checkbox';
  const chosen = new Set([...list.querySelectorAll('input:checked')].map((box) => box.value));
  list.replaceChildren(...waiting.childNodes);
  waiting = null;
  news.hidden = true;
  list.querySelectorAll('input[type=checkbox]').forEach((box) => { box.checked = chosen.has(box.value); });
  unopened.forEach(markFresh);
  if (current) linkOf(current)?.setAttribute('aria-current', 'true');
  const again = focused && linkOf(focused);
  if (again) (inBox ? again.parentElement.querySelector('input') : again).focus({ preventScroll: true });
  localise(list);
  list.dispatchEvent(new CustomEvent('placet:shown'));
}

function markFresh(id) {
  const row = linkOf(id)?.closest('li');
  if (!row) return;
  row.classList.add('fresh');
  row.querySelector('.note').prepend(element('span', { class: 'tag warn', 'data-fresh': '' }, text('fresh')), ' ');
}

function inUse() {
  const there = list.matches(':hover') || list.contains(document.activeElement);
  return there && Date.now() - usedAt < IN_USE;
}

if (list) {
  ['pointermove', 'pointerdown', 'keydown', 'focusin'].forEach((kind) => {
    list.addEventListener(kind, () => { usedAt = Date.now(); }, { passive: true });
  });
  news.addEventListener('click', show);
  setInterval(() => { if (waiting && !inUse()) show(); }, LOOK_EVERY);
}
