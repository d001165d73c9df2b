// The grid of an order's lines: typed like a sheet, filled from the catalogue where a product is chosen.
import { askJson } from '../asking.js';
import { element, later } from '../dom.js';
import { text } from '../strings.js';

const form = document.querySelector('[data-order-form]');
const body = form?.querySelector('[data-lines] tbody');
const blank = form?.querySelector('template[data-line]');
const datalist = document.getElementById('products');
const products = new Map();

const rows = () => [...body.querySelectorAll('[data-line]')];
const fieldOf = (row, name) => row.querySelector(`[name="${name}"]`);

// "12,5" is what half of Europe types.
const decimal = (words) => words.trim().replace(/^(\d+),(\d+)$/, '$1.$2');

export function read() {
  return filled().map((row) => ({
    product_id: row.dataset.product || null,
    description: fieldOf(row, 'description').value.trim() || null,
    quantity: decimal(fieldOf(row, 'quantity').value),
    unit_price: decimal(fieldOf(row, 'unit_price').value) || (row.dataset.product ? null : '0'),
    discount_percent: decimal(fieldOf(row, 'discount_percent').value) || '0',
  }));
}

const filled = () => rows().filter((row) => row.dataset.product || fieldOf(row, 'description').value.trim());

export function write(lines) {
  body.replaceChildren();
  lines.forEach((line) => {
    const row = add(false);
    row.dataset.product = line.product_id ?? '';
    ['description', 'quantity', 'unit_price', 'discount_percent'].forEach((name) => {
      fieldOf(row, name).value = line[name] ?? '';
    });
  });
}

export function showNets(totals) {
  filled().forEach((row, n) => {
    row.querySelector('[data-line-net]').textContent = totals[`line-${n}`] ?? '';
  });
}

// Marks each field that is wrong; `wrong` maps "lines.0.quantity" to what is wrong with it.
export function mark(wrong) {
  rows().forEach((row) => row.querySelectorAll('input').forEach((input) => {
    input.removeAttribute('aria-invalid');
    input.removeAttribute('title');
  }));
  filled().forEach((row, n) => Object.entries(wrong).forEach(([path, why]) => {
    const [, name] = path.match(new RegExp(`^lines\\.${n}\\.(\\w+)$`)) ?? [];
    const input = name && fieldOf(row, name);
    input?.setAttribute('aria-invalid', 'true');
    input?.setAttribute('title', [why].flat().join(' '));
  }));
}

export function add(focused = true) {
  body.append(blank.content.cloneNode(true));
  const row = body.lastElementChild;
  if (focused) fieldOf(row, 'description').focus();
  return row;
}

function remove(row) {
  const next = row.nextElementSibling ?? row.previousElementSibling;
  row.remove();
  if (next) fieldOf(next, 'description').focus();
  else form.querySelector('[data-add]').focus();
  form.dispatchEvent(new Event('input', { bubbles: true }));
}

function next(row) {
  const below = row.nextElementSibling;
  if (below) fieldOf(below, 'description').focus();
  else add();
}

const find = later(150, async (row, words) => {
  const found = await askJson(`${form.dataset.productsUrl}?q=${encodeURIComponent(words)}`).catch(() => []);
  found.forEach((product) => products.set(product.name, product));
  datalist.replaceChildren(...found.map(({ name, sku, price, available }) => {
    const stock = available === null ? '' : ` · ${text('free', { n: available })}`;
    return element('option', { value: name, label: `${sku} · ${price}${stock}` });
  }));
  if (choose(row)) form.dispatchEvent(new Event('input', { bubbles: true }));
});

// A name chosen from the list is a product: it brings its price, and what is typed afterwards stays.
function choose(row) {
  const product = products.get(fieldOf(row, 'description').value);
  if (!product || row.dataset.product === product.id) return false;
  row.dataset.product = product.id;
  fieldOf(row, 'unit_price').value = product.price;
  return true;
}

if (body) {
  body.addEventListener('input', ({ target }) => {
    const row = target.closest('[data-line]');
    if (target.name !== 'description') return;
    if (!target.value.trim()) row.dataset.product = '';
    choose(row);
    if (!products.has(target.value)) find(row, target.value.trim());
  });
  body.addEventListener('focusin', ({ target }) => {
    if (target.name === 'description') find(target.closest('[data-line]'), target.value.trim());
  });
  body.addEventListener('click', ({ target }) => {
    const button = target.closest('[data-remove]');
    if (button) remove(button.closest('[data-line]'));
  });
  form.querySelector('[data-add]').addEventListener('click', () => add());
  form.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.isComposing || event.target.matches('textarea, button')) return;
    event.preventDefault();
    const row = event.target.closest('[data-line]');
    if (row) next(row);
  });
  form.addEventListener('submit', (event) => event.preventDefault());
  if (!rows().length) add(false);
}
