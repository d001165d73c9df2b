// The grid of an order's lines: typed like a sheet, filled from the catalogue where a product is chosen.
import { askJson } from '../asking.js';
import { element, later } from '../dom.js';
import { text } from '../strings.js';

const form = document.querySelector('[data-order-form]');
const body = form?.querySelector('[data-lines] tbody');
const blank = form?.querySelector('template[data-line]');
const datalist = document.getElementById('products');
const products = new Map();
// By row, the product that it names or named last, under the words that stand for it there.
const chosen = new WeakMap();
let described = 0;

const rows = () => [...body.querySelectorAll('[data-line]')];
const fieldOf = (row, name) => row.querySelector(`[name="${name}"]`);
const wordsIn = (row) => fieldOf(row, 'description').value.trim();

// "12,5" is what half of Europe types.
const decimal = (words) => words.trim().replace(/^(\d+),(\d+)$/, '$1.$2');

export function read() {
  return filled().map((row) => ({
    product_id: row.dataset.product || null,
    description: wordsIn(row) || null,
    quantity: decimal(fieldOf(row, 'quantity').value),
    unit_price: decimal(fieldOf(row, 'unit_price').value) || (row.dataset.product ? null : '0'),
    discount_percent: decimal(fieldOf(row, 'discount_percent').value) || '0',
  }));
}

const filled = () => rows().filter((row) => row.dataset.product || wordsIn(row));

export function write(lines) {
  body.replaceChildren();
  lines.forEach((line) => {
    const row = add(false);
    row.dataset.product = line.product_id ?? '';
    ['description', 'quantity', 'unit_price', 'discount_percent'].forEach((name) => {
      fieldOf(row, name).value = line[name] ?? '';
    });
    remember(row);
    tellUnnamed(row);
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
  rows().forEach(tellUnnamed);
}

export function add(focused = true) {
  body.append(blank.content.cloneNode(true));
  const row = body.lastElementChild;
  if (focused) fieldOf(row, 'description').focus();
  return row;
}

// Makes a line of a product that is known already; the first line that says nothing yet is taken for it.
export function addProduct({ id, name, price }) {
  const free = rows().find((each) => !each.dataset.product && !wordsIn(each));
  const row = free ?? add(false);
  fieldOf(row, 'description').value = name;
  fieldOf(row, 'unit_price').value = price;
  row.dataset.product = id;
  products.set(name, { id, name, price });
  remember(row);
  tellUnnamed(row);
  form.dispatchEvent(new Event('input', { bubbles: true }));
}

export const hasProduct = (id) => rows().some((row) => row.dataset.product === id);

export function focusProduct(id) {
  fieldOf(rows().find((row) => row.dataset.product === id), 'quantity').select();
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
  tellUnnamed(row);
});

function remember(row) {
  if (row.dataset.product) chosen.set(row, { id: row.dataset.product, name: wordsIn(row) });
}

// The line is of the product that its words name, and of none where they name none. A product that is newly
// named brings its price; what is typed afterwards stays. A line of no product has no price of one, but where
// the product is named again it is the price that was agreed.
function choose(row) {
  const before = chosen.get(row);
  const words = wordsIn(row);
  const product = before?.name === words ? before : products.get(words);
  if (row.dataset.product === (product?.id ?? '')) return false;
  const price = fieldOf(row, 'unit_price');
  if (row.dataset.product && !product) {
    before.agreed = price.value;
    price.value = '';
  } else if (product) {
    price.value = product.id === before?.id && !price.value ? before.agreed ?? '' : product.price ?? price.value;
  }
  row.dataset.product = product?.id ?? '';
  if (product) remember(row);
  return true;
}

// Says beside the words that no product has this name: such a line is kept, but not submitted.
function tellUnnamed(row) {
  const input = fieldOf(row, 'description');
  const said = row.querySelector('[data-unnamed]');
  said.hidden = Boolean(row.dataset.product) || !wordsIn(row);
  if (!said.hidden) {
    said.id ||= `unnamed-${described += 1}`;
    input.setAttribute('aria-describedby', said.id);
    input.setAttribute('aria-invalid', 'true');
  } else if (input.hasAttribute('aria-describedby')) {
    input.removeAttribute('aria-describedby');
    input.removeAttribute('aria-invalid');
  }
}

if (body) {
  body.addEventListener('input', ({ target }) => {
    const row = target.closest('[data-line]');
    if (target.name !== 'description') return;
    choose(row);
    if (row.dataset.product) tellUnnamed(row);
    else find(row, target.value.trim());
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
  rows().forEach(remember);
  rows().forEach(tellUnnamed);
  if (!rows().length) add(false);
}
