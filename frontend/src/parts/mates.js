// Which element stands for which, drawn on both versions: equal numbers belong together.
const viewers = { old: new Map(), new: new Map() };
const MARKS = ['is-guessed', 'is-gone', 'is-added'];
let drawn = [];

export function remember(side, process, viewer) {
  viewers[side].set(process, viewer);
}

// What a pair of eyes looks for first is not to be searched for: the first mark of a drawing is scrolled to.
export function showFirst(side, process) {
  const viewer = viewers[side].get(process);
  const marked = viewer?.get('elementRegistry').find(({ id }) => MARKS.some((name) => viewer.get('canvas').hasMarker(id, name)));
  if (!marked) return;
  const scroller = viewer.get('canvas').getContainer().closest('.dg');
  const { x: left, y: top, scale } = viewer.get('canvas').viewbox();
  scroller.scrollLeft = (marked.x + marked.width / 2 - left) * scale - scroller.clientWidth / 2;
  scroller.scrollTop = (marked.y + marked.height / 2 - top) * scale - scroller.clientHeight / 2;
}

// `rows`: { process, old, now, why, number }; `added`: [process, element] that only the new version has.
export function draw(rows, added) {
  drawn.forEach((undo) => undo());
  drawn = [];
  for (const { process, old, now, why, number } of rows) {
    if (!now) mark('old', process, old, 'is-gone');
    else if (why !== 'id') {
      for (const [side, id] of [['old', old], ['new', now]]) {
        mark(side, process, id, 'is-guessed');
        label(side, process, id, number);
      }
    }
  }
  for (const [process, id] of added) mark('new', process, id, 'is-added');
}

export function pick(side, process, id) {
  const canvas = viewers[side].get(process)?.get('canvas');
  if (!canvas || !knows(side, process, id)) return () => {};
  canvas.addMarker(id, 'is-picked');
  return () => canvas.removeMarker(id, 'is-picked');
}

function mark(side, process, id, name) {
  if (!knows(side, process, id)) return;
  const canvas = viewers[side].get(process).get('canvas');
  canvas.addMarker(id, name);
  drawn.push(() => canvas.removeMarker(id, name));
}

function label(side, process, id, number) {
  if (!knows(side, process, id)) return;
  const overlays = viewers[side].get(process).get('overlays');
  const said = document.createElement('span');
  said.className = 'mate';
  said.textContent = number;
  const key = overlays.add(id, { position: { top: -14, left: -10 }, html: said, show: { minZoom: 0 } });
  drawn.push(() => overlays.remove(key));
}

function knows(side, process, id) {
  return Boolean(viewers[side].get(process)?.get('elementRegistry').get(id));
}
