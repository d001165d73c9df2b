// Ctrl K: every page and command, what can be done here, and orders and customers by their names.
import { askJson } from './asking.js';
import { element, later } from './dom.js';
import { text } from './strings.js';

const dialog = document.getElementById('palette');
const input = dialog?.querySelector('[data-palette]');
const results = dialog?.querySelector('[data-palette-results]');
const MOST = 12;
let entries = [];
let chosen = 0;
let asked = 0;

function commands() {
  const links = [...document.querySelectorAll('#nav a, [data-command]')].map((link) => ({ words: plain(link), href: link.href }));
  const buttons = [...document.querySelectorAll('main [data-key]')]
    .filter((each) => each.matches('button') && each.checkVisibility())
    .map((each) => ({ words: plain(each), key: each.dataset.key, press: each }));
  const rows = [...document.querySelectorAll('[data-row]')].map((row) => ({ words: plain(row), press: row }));
  return [...links, ...buttons, ...rows];
}

function plain(node) {
  const copy = node.cloneNode(true);
  copy.querySelectorAll('kbd, .num').forEach((each) => each.remove());
  return copy.textContent.trim().replace(/\s+/g, ' ');
}

function show(found) {
  entries = found.slice(0, MOST);
  chosen = 0;
  results.replaceChildren(...entries.map(({ words, key }, n) => {
    const parts = [element('span', {}, words), ...(key ? [element('kbd', {}, key)] : [])];
    const option = element('div', { role: 'option', id: `palette-${n}`, 'aria-selected': String(n === 0) }, ...parts);
    option.addEventListener('click', () => go(n));
    return option;
  }));
  if (!entries.length) results.replaceChildren(element('div', { role: 'option', 'aria-disabled': 'true' }, text('nothing')));
  mark(0);
}

function mark(n) {
  chosen = n;
  [...results.children].forEach((each, m) => each.setAttribute('aria-selected', String(m === n)));
  input.setAttribute('aria-activedescendant', entries.length ? `palette-${n}` : '');
  results.children[n]?.scrollIntoView({ block: 'nearest' });
}

function go(n) {
  const entry = entries[n];
  if (!entry) return;
  dialog.close();
  if (entry.href) location.assign(entry.href);
  else entry.press.click();
}

const matches = (words, wanted) => wanted.toLowerCase().split(/\s+/).every((part) => words.toLowerCase().includes(part));

function look() {
  const wanted = input.value.trim();
  const here = commands().filter(({ words }) => matches(words, wanted));
  show(here);
  if (wanted.length > 1) search(wanted, here);
}

const search = later(150, async (wanted, here) => {
  asked += 1;
  const mine = asked;
  const about = `search=${encodeURIComponent(wanted)}&limit=5`;
  const [orders, customers] = await Promise.all([
    askJson(`/api/v1/orders?${about}`).catch(() => ({ items: [] })),
    askJson(`/api/v1/customers?${about}`).catch(() => ({ items: [] })),
  ]);
  if (mine !== asked || input.value.trim() !== wanted) return;
  show([
    ...here,
    ...orders.items.map(({ id, number, title }) => ({ words: `${number} ${title}`, href: `/orders/${id}` })),
    ...customers.items.map(({ id, name }) => ({ words: text('customerNamed', { name }), href: `/customers/${id}` })),
  ]);
});

if (dialog) {
  dialog.addEventListener('placet:opened', () => {
    input.value = '';
    input.focus();
    look();
  });
  input.addEventListener('input', look);
  input.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && entries.length) mark((chosen + step + entries.length) % entries.length);
    else if (event.key === 'Enter') go(chosen);
    else return;
    event.preventDefault();
  });
}
