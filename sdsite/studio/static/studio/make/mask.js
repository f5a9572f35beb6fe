/** The part of a picture that is to be made anew, as it is painted. */

import { blackAndWhite } from "./png.js";

/** The service makes no larger pictures, so that more would be lost anyway. */
const MOST = 2048;
const PAINTED = 128;
/** Solid, and seen through by CSS: the picture below has to be recognised. */
const COLOUR = "#6d4aff";

/** Points and sizes are in pixels of the picture. What was done is kept, to be undone by doing all but the last anew. */
export class Mask {
  canvas = document.createElement("canvas");
  #done = [];
  #undone = [];
  #shares = {};
  #scale;
  #context;

  constructor(width, height) {
    this.width = width;
    this.height = height;
    this.#scale = Math.min(1, MOST / Math.max(width, height));
    this.canvas.width = Math.max(1, Math.round(width * this.#scale));
    this.canvas.height = Math.max(1, Math.round(height * this.#scale));
    this.#context = this.canvas.getContext("2d", { willReadFrequently: true });
  }

  get canUndo() {
    return this.#done.length > 0;
  }
  get canRedo() {
    return this.#undone.length > 0;
  }

  /** Put a brush of `size` down at a point; `extend` draws it to others. */
  begin(point, size, erases) {
    this.#do({ points: [point], size, erases });
  }

  extend(point) {
    const stroke = this.#done.at(-1);
    stroke.points.push(point);
    this.#line(stroke, stroke.points.slice(-2));
  }

  clear() {
    this.#do("clear");
  }

  invert() {
    this.#do("invert");
  }

  undo() {
    this.#undone.push(this.#done.pop());
    this.#empty();
    for (const deed of this.#done) this.#draw(deed);
  }

  redo() {
    const deed = this.#undone.pop();
    this.#done.push(deed);
    this.#draw(deed);
  }

  /** How much of the picture is painted, from 0 to 1; of a part of it, where a box of shares is given. Counted once. */
  share({ left, top, width, height } = { left: 0, top: 0, width: 1, height: 1 }) {
    const { width: columns, height: rows } = this.canvas;
    const box = [left * columns, top * rows, Math.max(1, width * columns), Math.max(1, height * rows)].map(Math.round);
    return (this.#shares[box] ??= painted(this.#context.getImageData(...box)));
  }

  isPainted({ x, y }) {
    return this.#context.getImageData(Math.floor(x * this.#scale), Math.floor(y * this.#scale), 1, 1).data[3] >= PAINTED;
  }

  /** As the service wants it: of the picture's size, white where it is painted, black elsewhere. */
  png() {
    const { width: columns, height: rows } = this.canvas;
    const { data } = this.#context.getImageData(0, 0, columns, rows);
    const column = Uint32Array.from({ length: this.width }, (_, x) => Math.floor(((x + 0.5) * columns) / this.width));
    const row = Uint32Array.from({ length: this.height }, (_, y) => Math.floor(((y + 0.5) * rows) / this.height));
    return blackAndWhite(this.width, this.height, (x, y) => data[4 * (row[y] * columns + column[x]) + 3] >= PAINTED);
  }

  #do(deed) {
    this.#undone = [];
    this.#done.push(deed);
    this.#draw(deed);
  }

  #draw(deed) {
    if (deed === "clear") this.#empty();
    else if (deed === "invert") this.#invert();
    else this.#stroke(deed);
  }

  #empty() {
    this.#shares = {};
    this.#context.clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  /** Paint is put where there is none, and nothing else is left. */
  #invert() {
    this.#shares = {};
    Object.assign(this.#context, { globalCompositeOperation: "source-out", fillStyle: COLOUR });
    this.#context.fillRect(0, 0, this.canvas.width, this.canvas.height);
  }

  #stroke(stroke) {
    this.#line(stroke, [stroke.points[0], stroke.points[0]]);
    for (let at = 1; at < stroke.points.length; at++) this.#line(stroke, stroke.points.slice(at - 1, at + 1));
  }

  #line({ size, erases }, [from, to]) {
    this.#shares = {};
    const context = this.#context;
    const [x, y] = [to.x * this.#scale, to.y * this.#scale];
    const width = size * this.#scale;
    const colours = { strokeStyle: COLOUR, fillStyle: COLOUR };
    Object.assign(context, { globalCompositeOperation: erases ? "destination-out" : "source-over", lineWidth: width, ...colours });
    context.beginPath();
    context.moveTo(from.x * this.#scale, from.y * this.#scale);
    context.lineTo(x, y);
    context.stroke();
    context.beginPath();
    context.arc(x, y, width / 2, 0, 2 * Math.PI);
    context.fill();
  }
}

function painted({ data }) {
  let count = 0;
  for (let at = 3; at < data.length; at += 4) count += data[at] >= PAINTED;
  return count / (data.length / 4);
}
