/** Whether the service takes a file as a picture: told before anything is sent, in words that say what would be right. */

import { gettext, number } from "../frame.js";
import { isTurned } from "./orientation.js";

const STARTS = { "image/png": [0x89, 0x50, 0x4e, 0x47], "image/jpeg": [0xff, 0xd8], "image/webp": [0x52, 0x49, 0x46, 0x46] };

export class Refusal extends Error {}

/**
 * `{ blob, name, width, height, address }` of the file's picture, as wide and high as it is seen.
 * It is the file itself, unless only some programs would turn it: then it is drawn anew as this browser shows it.
 */
export async function takenIn(file, limits) {
  const bytes = await read(file);
  const type = Object.keys(STARTS).find((known) => STARTS[known].every((byte, at) => bytes[at] === byte));
  check(type, bytes, limits.bytes);
  const blob = new Blob([bytes], { type });
  const image = await opened(blob);
  checkPixels(image.naturalWidth * image.naturalHeight, limits.pixels);
  const name = file.name ?? "";
  if (isTurned(bytes, type)) return takenIn(new File([await redrawn(image)], name), limits);
  return { blob, name, width: image.naturalWidth, height: image.naturalHeight, address: image.src };
}

/** The file at an address. */
export async function fetched(address) {
  const answer = await fetch(address).catch(() => null);
  if (answer?.ok) return answer.blob();
  throw new Refusal(gettext("The picture cannot be fetched right now. Try it again, or choose a file."));
}

/** What is taken, in words. */
export function accepted({ bytes, pixels }) {
  if (bytes === Infinity || pixels === Infinity) return gettext("PNG, JPEG or WebP");
  return gettext("PNG, JPEG or WebP, up to {size} and {pixels} megapixels", { size: megabytes(bytes), pixels: megapixels(pixels) });
}

export function dataUri(blob) {
  const reader = new FileReader();
  return new Promise((done, fail) => {
    Object.assign(reader, { onload: () => done(reader.result), onerror: () => fail(reader.error) });
    reader.readAsDataURL(blob);
  });
}

async function read(file) {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    throw new Refusal(gettext("This file cannot be read. Choose it once more, or another one."));
  }
}

function check(type, bytes, most) {
  if (!type) throw new Refusal(gettext("This is not a picture that can be used. Choose a PNG, JPEG or WebP file."));
  if (bytes.length > most) {
    const sizes = { size: megabytes(bytes.length), most: megabytes(most) };
    throw new Refusal(gettext("This file has {size}. Choose one of at most {most}, or save it as JPEG or smaller.", sizes));
  }
  if (isAnimated(type, bytes)) {
    throw new Refusal(gettext("This picture moves. Choose a still one, or save one frame of it."));
  }
}

function checkPixels(pixels, most) {
  if (pixels <= most) return;
  const sizes = { size: megapixels(pixels), most: megapixels(most) };
  throw new Refusal(gettext("This picture has {size} megapixels. Make it smaller: at most {most} can be used.", sizes));
}

function isAnimated(type, bytes) {
  const front = new TextDecoder("latin1").decode(bytes.subarray(0, 2 ** 16));
  if (type === "image/webp") return front.startsWith("VP8X", 12) && Boolean(bytes[20] & 2);
  return type === "image/png" && front.slice(0, front.indexOf("IDAT")).includes("acTL");
}

/** The address is not given back when another picture is chosen: a result may still be compared with this one. */
function opened(blob) {
  const image = new Image();
  return new Promise((done, fail) => {
    image.onload = () => done(image);
    image.onerror = () => fail(new Refusal(gettext("This picture cannot be read; it may be damaged. Choose another one.")));
    image.src = URL.createObjectURL(blob);
  });
}

function redrawn(image) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: image.naturalWidth, height: image.naturalHeight });
  canvas.getContext("2d").drawImage(image, 0, 0);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

/** As in `20 MB`. Rounded up, so that what is too much never looks as if it were not. */
function megabytes(bytes) {
  return number(Math.ceil((10 * bytes) / 2 ** 20) / 10, { style: "unit", unit: "megabyte" }).replace(" ", "\u00a0");
}

function megapixels(pixels) {
  return number(Math.ceil(pixels / 1e5) / 10);
}
