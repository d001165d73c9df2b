// Needs by type over time: stacked columns as plain SVG, whose numbers the tables beside it repeat.
const NS = 'http://www.w3.org/2000/svg';
const NARROWEST = 480;
const HIGH = 260;
const FOOT = 26;
const TOP = 10;
const DIGIT = 8;
const numbers = new Intl.NumberFormat(document.documentElement.lang);

function shape(name, attributes, words) {
  const made = document.createElementNS(NS, name);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  if (words !== undefined) made.textContent = words;
  return made;
}

// The smallest of 1, 2, 5, 10, 20, 50 … that divides the axis into at most five.
function stepFor(most) {
  const power = 10 ** Math.floor(Math.log10(Math.max(most, 1) / 5 || 1));
  return [1, 2, 5, 10].map((n) => Math.max(1, n * power)).find((step) => most / step <= 5) ?? most;
}

function axis(svg, left, wide, most, step, y) {
  for (let value = 0; value <= most; value += step) {
    svg.append(shape('path', { class: 'axis', d: `M${left} ${y(value)}H${wide}` }));
    svg.append(shape('text', { x: left - 8, y: y(value) + 4, 'text-anchor': 'end' }, numbers.format(value)));
  }
}

function draw({ labels, series }, wide) {
  const totals = labels.map((_, n) => series.reduce((sum, { values }) => sum + values[n], 0));
  const step = stepFor(Math.max(...totals, 1));
  const most = Math.ceil(Math.max(...totals, 1) / step) * step;
  const y = (value) => TOP + (HIGH - TOP - FOOT) * (1 - value / most);
  const left = 12 + DIGIT * numbers.format(most).length;
  const room = (wide - left) / labels.length;
  const width = Math.min(room * 0.6, 72);
  const svg = shape('svg', { class: 'chart columns', viewBox: `0 0 ${wide} ${HIGH}`, width: wide, height: HIGH, 'aria-hidden': 'true' });
  axis(svg, left, wide, most, step, y);
  const every = Math.ceil(labels.length / (wide / 100));
  labels.forEach((label, n) => {
    const middle = left + room * (n + 0.5);
    let below = 0;
    series.forEach(({ label: type, values }, m) => {
      if (!values[n]) return;
      const height = y(below) - y(below + values[n]);
      const column = shape('rect', { class: `s${m + 1}`, x: middle - width / 2, width, y: y(below + values[n]), height });
      column.append(shape('title', {}, `${label}, ${type}: ${numbers.format(values[n])}`));
      svg.append(column);
      below += values[n];
    });
    if (totals[n]) svg.append(shape('text', { class: 'on', x: middle, y: y(totals[n]) - 5, 'text-anchor': 'middle' }, numbers.format(totals[n])));
    if (n % every === 0) svg.append(shape('text', { x: middle, y: HIGH - 8, 'text-anchor': 'middle' }, label));
  });
  return svg;
}

function legend(series) {
  const list = document.createElement('ul');
  list.className = 'line small';
  series.forEach(({ label }, m) => {
    const entry = document.createElement('li');
    const key = shape('svg', { class: 'chart swatch', viewBox: '0 0 12 12', width: 12, height: 12, 'aria-hidden': 'true' });
    key.append(shape('rect', { class: `s${m + 1}`, width: 12, height: 12 }));
    entry.append(key, ` ${label}`);
    list.append(entry);
  });
  return list;
}

document.querySelectorAll('[data-chart]').forEach((place) => {
  const data = JSON.parse(place.nextElementSibling.textContent);
  place.replaceChildren(draw(data, Math.max(place.clientWidth, NARROWEST)), legend(data.series));
});
