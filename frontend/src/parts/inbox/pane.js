// The opened work item: shown beside the list, fetched ahead where the reader will likely go next.
import { askFragment } from '../asking.js';
import { isBusy, narrow } from '../dom.js';
import { htmx } from '../fragments.js';
import { say, warn, warnOffline } from '../saying.js';
import { text } from '../strings.js';
import { localise } from '../times.js';
import { currentId, linkOf, neighbour, setCurrent } from './rows.js';

const KEPT_FOR = 10_000;
const pane = document.getElementById('detail');
const ahead = new Map();
let asked = 0;

export const shownItem = () => pane?.querySelector('[data-shown]');

export async function open(link) {
  const id = link.dataset.item;
  if (narrow()) {
    location.assign(link.href);
    return;
  }
  setCurrent(id);
  asked += 1;
  const mine = asked;
  try {
    const html = await fetched(id);
    if (mine === asked) show(html, id);
  } catch (error) {
    if (mine !== asked) return;
    if (error instanceof TypeError) warnOffline(text('notShown'), text('noConnection'));
    else warn(text('notShown'), error.message);
  }
}

export function show(html, id) {
  asked += 1;
  htmx.swap(pane, html, { swapStyle: 'innerHTML' });
  pane.scrollTop = 0;
  if (linkOf(id)) {
    const address = new URL(location.href);
    address.searchParams.set('item', id);
    history.replaceState(history.state, '', address);
  }
  preload(neighbour(1, id));
}

export async function reload() {
  const id = shownItem()?.dataset.shown;
  if (!id) return;
  ahead.delete(id);
  const html = await fetched(id);
  if (shownItem()?.dataset.shown === id) htmx.swap(pane, html, { swapStyle: 'innerHTML' });
}

// Somebody else moved what is open here: told at once, but nothing typed is lost.
export async function noteChange(subjects) {
  ahead.clear();
  const item = shownItem();
  if (!item || (subjects && !subjects.includes(item.dataset.subject))) return;
  if (!isBusy(pane)) {
    await reload();
    const told = pane.querySelector('[data-outcome]');
    if (told) say(told.textContent.trim());
    return;
  }
  const latest = new DOMParser().parseFromString(await askFragment(`/inbox/${item.dataset.shown}`, 'detail'), 'text/html');
  localise(latest);
  const told = latest.querySelector('[data-outcome]');
  if (!told) return;
  warn(told.textContent.trim(), text('notSentYours'));
  pane.querySelectorAll('dialog[open]').forEach((dialog) => dialog.close());
  await reload();
}

export function forget() {
  ahead.clear();
}

export function preload(link) {
  if (link && link.dataset.item !== currentId() && !narrow()) fetched(link.dataset.item).catch(() => {});
}

function fetched(id) {
  const known = ahead.get(id);
  if (known && Date.now() - known.at < KEPT_FOR) return known.html;
  const html = askFragment(`/inbox/${id}`, 'detail');
  ahead.set(id, { at: Date.now(), html });
  html.catch(() => ahead.delete(id));
  return html;
}
