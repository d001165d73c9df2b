// Draws a flow at right angles from one shape to another, around what stands between them.
// It tries the routes of up to four stretches that run between the shapes, and takes the best.

const MARGIN = 20;
const NEAR = 8;
const COST = { shape: 100_000, overlap: 400, label: 300, crossing: 60, bend: 40 };

export function routeAround(source, target, around) {
  const { shapes, labels, flows } = around;
  const ends = [source, target];
  const walls = [...shapes.map((each) => grown(each, NEAR)), ...ends.map((each) => grown(each, -1))];
  const lines = flows.flatMap((each) => stretches(each.waypoints));
  const harm = (parts) => {
    const hits = (boxes) => parts.reduce((sum, part) => sum + boxes.filter((box) => isCrossed(part, box)).length, 0);
    const met = (test) => parts.reduce((sum, part) => sum + lines.filter((line) => test(part, line)).length, 0);
    return COST.shape * hits(walls) + COST.label * hits(labels) + COST.overlap * met(isAlong) + COST.crossing * met(isAcross);
  };
  let best = { points: [], price: Infinity };
  for (const points of candidates(source, target, channels([...ends, ...shapes], source, target))) {
    const parts = stretches(points);
    const least = parts.reduce((sum, [a, b]) => sum + COST.bend + Math.abs(a.x - b.x) + Math.abs(a.y - b.y), 0);
    const price = least < best.price ? least + harm(parts) : Infinity;
    if (price < best.price) best = { points, price };
  }
  return best.points;
}

// Where a stretch may run: beside every shape, and midway between the two ends.
function channels(shapes, source, target) {
  const along = (axis, size) => {
    const [first, second] = source[axis] < target[axis] ? [source, target] : [target, source];
    const midway = Math.round((first[axis] + first[size] + second[axis]) / 2);
    const beside = shapes.flatMap((each) => [each[axis] - MARGIN, each[axis] + each[size] + MARGIN]);
    return [...new Set([midway, ...beside])];
  };
  return { xs: along('x', 'width'), ys: along('y', 'height') };
}

function* candidates(source, target, { xs, ys }) {
  const [from, to] = [middle(source), middle(target)];
  const paths = [
    [{ x: from.x, y: to.y }],
    [{ x: to.x, y: from.y }],
    ...ys.map((y) => [{ x: from.x, y }, { x: to.x, y }]),
    ...xs.map((x) => [{ x, y: from.y }, { x, y: to.y }]),
    ...xs.flatMap((x) => ys.map((y) => [{ x: from.x, y }, { x, y }, { x, y: to.y }])),
    ...xs.flatMap((x) => ys.map((y) => [{ x, y: from.y }, { x, y }, { x: to.x, y }])),
  ];
  for (const path of paths) {
    const first = docking(source, path[0]);
    const last = docking(target, path[path.length - 1]);
    if (first && last) yield tidy([first, ...path, last]);
  }
}

// The middle of the side that looks to this point; none for a point within the shape.
function docking(shape, point) {
  const { x, y } = middle(shape);
  if (point.x === x && point.y < shape.y) return { x, y: shape.y };
  if (point.x === x && point.y > shape.y + shape.height) return { x, y: shape.y + shape.height };
  if (point.y === y && point.x < shape.x) return { x: shape.x, y };
  if (point.y === y && point.x > shape.x + shape.width) return { x: shape.x + shape.width, y };
  return null;
}

// Without points that stand on a straight line between their neighbours.
function tidy(points) {
  const isBend = (point, n) => {
    const [before, after] = [points[n - 1], points[n + 1]];
    return !before || !after || !((before.x === point.x && point.x === after.x) || (before.y === point.y && point.y === after.y));
  };
  return points.filter(isBend);
}

const middle = ({ x, y, width, height }) => ({ x: x + width / 2, y: y + height / 2 });
const stretches = (points) => points.slice(1).map((to, n) => [points[n], to]);
const grown = ({ x, y, width, height }, by) => ({ x: x - by, y: y - by, width: width + 2 * by, height: height + 2 * by });
const range = ([from, to], axis) => [Math.min(from[axis], to[axis]), Math.max(from[axis], to[axis])];

function isCrossed(part, { x, y, width, height }) {
  const [[left, right], [top, bottom]] = [range(part, 'x'), range(part, 'y')];
  return left < x + width && right > x && top < y + height && bottom > y;
}

const isUpright = ([from, to]) => from.x === to.x;

function isAlong(part, line) {
  const [axis, other] = isUpright(part) ? ['y', 'x'] : ['x', 'y'];
  if (isUpright(line) !== isUpright(part) || Math.abs(line[0][other] - part[0][other]) >= NEAR) return false;
  const [[first, last], [start, end]] = [range(part, axis), range(line, axis)];
  return first < end && last > start;
}

function isAcross(part, line) {
  if (isUpright(line) === isUpright(part)) return false;
  const [upright, level] = isUpright(part) ? [part, line] : [line, part];
  const [[left, right], [top, bottom]] = [range(level, 'x'), range(upright, 'y')];
  const [{ x }, { y }] = [upright[0], level[0]];
  return left < x && x < right && top < y && y < bottom;
}
