// What a diagram shows beside where it stands, from `data-marks`: all of it is said in words on the page too.
//
// `counts`: tokens, and `passed`: rounds, by element, where there are several; `stopped`: elements; `calls`: the
// process behind a call, whose own diagram stands on the page; `heat`: 1 to 4 by element; `labels`: what is written
// at it.
const [ABOVE, BELOW] = [14, 4];

export function addMarks(viewer, host) {
  const marks = JSON.parse(host.dataset.marks || '{}');
  const [canvas, overlays, registry] = ['canvas', 'overlays', 'elementRegistry'].map((name) => viewer.get(name));
  const each = (name, draw) => Object.entries(marks[name] ?? {})
    .filter(([id]) => registry.get(id)).forEach(([id, value]) => draw(id, value));
  each('counts', (id, count) => {
    if (count > 1) overlays.add(id, badge(`× ${count}`, 'many', marks.words.tokens, { top: -12, right: 12 }));
  });
  each('passed', (id, count) => {
    if (count > 1) overlays.add(id, badge(`${count} ×`, 'often', marks.words.times, { top: -9, left: -9 }));
  });
  for (const id of marks.stopped ?? []) if (registry.get(id)) canvas.addMarker(id, 'is-stopped');
  each('heat', (id, level) => canvas.addMarker(id, `is-heat-${level}`));
  each('labels', (id, label) => overlays.add(id, badge(label, 'label', '', { top: -ABOVE, left: 0 })));
  each('calls', (id, process) => overlays.add(id, opener(process, marks.words.open)));
}

function badge(text, kind, title, position) {
  const mark = document.createElement('span');
  mark.className = `badge ${kind}`;
  mark.textContent = text;
  if (title) mark.title = title;
  return { position, html: mark, show: { minZoom: 0 } };
}

function opener(process, words) {
  const link = document.createElement('a');
  link.className = 'badge opens';
  link.href = `#process-${process}`;
  link.textContent = words;
  link.addEventListener('click', () => { document.getElementById(`process-${process}`).open = true; });
  return { position: { bottom: BELOW, left: 0 }, html: link, show: { minZoom: 0 } };
}
