// One frame of the map: dots, pictures, names, what is marked.

const FONT = "13px system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif";
const LONGEST = 30; // letters of a name
const MOST_RINGS = 300;
const LARGE = 60; // px from which on a picture is worth more pixels than the sheet has

/** Draws a map onto a canvas. Dots go straight into its pixels: one call instead of twenty thousand. */
export class Painter {
  constructor(canvas, map, sprites, style) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.map = map;
    this.sprites = sprites;
    this.style = style; // colours, as CSS
    this.names = new Map(); // drawn names, as small canvases
    this.context.font = FONT;
    this.widths = new Float32Array(map.count);
  }

  /** The width of a point's name in px. */
  measure(i) {
    if (!this.widths[i]) {
      this.context.font = FONT;
      this.widths[i] = this.context.measureText(this.name(i)).width;
    }
    return this.widths[i];
  }

  name(i) {
    const title = this.map.title[i];
    return title.length > LONGEST ? `${title.slice(0, LONGEST - 1).trimEnd()}…` : title;
  }

  restyle(style) {
    this.style = style;
    this.names.clear();
    this.colours = null;
  }

  paint(view, placement, marks) {
    this.#size(view);
    this.#dots(view, placement, marks);
    const context = this.context;
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    this.#rings(view, placement, marks.list.filter((i) => !placement.shown[i]));
    this.#pictures(view, placement, marks);
    this.#names(view, placement, marks);
    this.#rings(view, placement, marks.list.filter((i) => placement.shown[i]));
    if (marks.at >= 0) this.#ring(view, placement, marks.at, 2, this.style.ink);
    if (marks.lasso.length > 1) this.#lasso(marks.lasso);
  }

  #size(view) {
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    const width = Math.round(view.width * ratio), height = Math.round(view.height * ratio);
    if (this.canvas.width === width && this.canvas.height === height && this.ratio === ratio) return;
    this.ratio = ratio;
    this.canvas.width = width;
    this.canvas.height = height;
    this.pixels = this.context.createImageData(width, height);
    this.words = new Uint32Array(this.pixels.data.buffer);
    this.stamps = {};
  }

  /** Offsets and strengths of a disc's pixels; its edge is soft. */
  #stamp(radius) {
    const known = this.stamps[radius];
    if (known) return known;
    const reach = Math.ceil(radius + 0.5), stamp = [];
    for (let y = -reach; y <= reach; y++) {
      for (let x = -reach; x <= reach; x++) {
        const strength = Math.min(Math.max(radius + 0.5 - Math.hypot(x, y), 0), 1);
        if (strength > 0.05) stamp.push(y * this.canvas.width + x, Math.round(strength * 255));
      }
    }
    this.stamps[radius] = { reach, stamp: Int32Array.from(stamp) };
    return this.stamps[radius];
  }

  #dots(view, placement, marks) {
    const { map, words, ratio } = this, { width, height } = this.canvas;
    words.fill(0);
    this.colours ??= this.style.dots.map(rgb);
    const near = Math.max(Math.log2(view.scale / view.whole), 0);
    const radius = Math.round((map.count > 5000 ? 1.1 : 1.9) * Math.min(1 + 0.35 * near, 3.2) * ratio * 4) / 4;
    const { reach, stamp } = this.#stamp(radius);
    const kx = view.scale * ratio, dx = (view.width / 2) * ratio - view.x * kx, dy = (view.height / 2) * ratio - view.y * kx;
    for (let i = 0; i < map.count; i++) {
      if (!map.visible[i] || placement.shown[i]) continue;
      const x = (map.x[i] * kx + dx + 0.5) | 0, y = (map.y[i] * kx + dy + 0.5) | 0;
      if (x < reach || y < reach || x >= width - reach || y >= height - reach) continue;
      const colour = this.colours[map.colour[i]], limit = marks.any && !marks.on[i] ? 64 : 255, at = y * width + x;
      for (let n = 0; n < stamp.length; n += 2) {
        const alpha = stamp[n + 1] < limit ? stamp[n + 1] : limit;
        const place = at + stamp[n];
        if (words[place] >>> 24 < alpha) words[place] = (alpha << 24) | colour;
      }
    }
    this.context.putImageData(this.pixels, 0, 0);
  }

  #pictures(view, placement, marks) {
    const { context, map } = this, side = placement.side, imagined = map.kinds.indexOf("imagined");
    context.imageSmoothingQuality = "medium";
    for (const i of placement.pictures) {
      const x = view.screenX(map.x[i]), y = view.screenY(map.y[i]);
      if (x < -side || y < -side || x > view.width + side || y > view.height + side) continue;
      const left = Math.round(x - side / 2), top = Math.round(y - side / 2);
      context.globalAlpha = marks.any && !marks.on[i] ? 0.22 : 1;
      if (!this.sprites.draw(context, i, left, top, side, side * this.ratio > LARGE)) {
        this.#dot(x, y, this.style.dots[map.colour[i]]);
        continue;
      }
      context.lineWidth = map.kind[i] === imagined ? 2 : 1;
      context.setLineDash(map.kind[i] === imagined ? [4, 3] : []);
      context.strokeStyle = map.kind[i] === imagined || this.style.framed ? this.style.dots[map.colour[i]] : this.style.line;
      context.strokeRect(left + 0.5, top + 0.5, side - 1, side - 1);
    }
    context.setLineDash([]);
    context.globalAlpha = 1;
  }

  /** What stands for a picture that is not there yet. */
  #dot(x, y, colour) {
    this.context.fillStyle = colour;
    this.context.beginPath();
    this.context.arc(x, y, 3, 0, 2 * Math.PI);
    this.context.fill();
  }

  #names(view, placement, marks) {
    const { context, map } = this;
    for (const i of placement.names) {
      const x = view.screenX(map.x[i]), y = view.screenY(map.y[i]), half = this.measure(i) / 2 + 4;
      if (x < -half || y < -12 || x > view.width + half || y > view.height + 12) continue;
      const drawn = this.#drawn(i);
      context.globalAlpha = marks.any && !marks.on[i] ? 0.25 : 1;
      context.drawImage(drawn, Math.round(x - half), Math.round(y - 11), drawn.width / this.ratio, drawn.height / this.ratio);
    }
    context.globalAlpha = 1;
  }

  /** A name drawn once, with paper around its letters. */
  #drawn(i) {
    const held = this.names.get(i);
    if (held) return held;
    const canvas = document.createElement("canvas");
    canvas.width = Math.ceil((this.measure(i) + 8) * this.ratio);
    canvas.height = Math.ceil(22 * this.ratio);
    const context = canvas.getContext("2d");
    context.scale(this.ratio, this.ratio);
    context.font = FONT;
    context.textBaseline = "middle";
    context.lineJoin = "round";
    context.lineWidth = 4;
    context.strokeStyle = this.style.paper;
    context.strokeText(this.name(i), 4, 11);
    context.fillStyle = this.style.names[this.map.kind[i]];
    context.fillText(this.name(i), 4, 11);
    if (this.names.size > 4000) this.names.clear();
    this.names.set(i, canvas);
    return canvas;
  }

  /** Rings around what was found or chosen: below the pictures those of dots, above them those of pictures. */
  #rings(view, placement, list) {
    if (list.length > MOST_RINGS) return; // the others being dimmed is enough
    for (const i of list) if (this.map.visible[i]) this.#ring(view, placement, i, 2.5, this.style.accent);
  }

  #ring(view, placement, i, width, colour) {
    const { context, map } = this, x = view.screenX(map.x[i]), y = view.screenY(map.y[i]);
    if (x < -80 || y < -80 || x > view.width + 80 || y > view.height + 80) return;
    context.lineWidth = width;
    context.strokeStyle = colour;
    const side = placement.side + 3;
    context.beginPath();
    if (placement.shown[i] === 1) context.rect(x - side / 2, y - side / 2, side, side);
    else if (placement.shown[i] === 2) context.roundRect(x - this.measure(i) / 2 - 7, y - 11, this.measure(i) + 14, 22, 11);
    else context.arc(x, y, 6, 0, 2 * Math.PI);
    context.stroke();
  }

  #lasso(points) {
    const { context } = this;
    context.beginPath();
    points.forEach(([x, y], n) => (n ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.closePath();
    context.globalAlpha = 0.12;
    context.fillStyle = this.style.accent;
    context.fill();
    context.globalAlpha = 1;
    context.lineWidth = 2;
    context.setLineDash([6, 4]);
    context.strokeStyle = this.style.accent;
    context.stroke();
    context.setLineDash([]);
  }
}

/** A CSS colour as 0xBBGGRR, in the order in which pixels lie in memory. */
function rgb(css) {
  const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  context.fillStyle = css;
  context.fillRect(0, 0, 1, 1);
  const [red, green, blue] = context.getImageData(0, 0, 1, 1).data;
  return (blue << 16) | (green << 8) | red;
}
