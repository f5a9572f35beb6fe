/**
 * Whether a picture says that it lies on its side where the service reads that, and a browser may not.
 * In a JPEG's EXIF everybody looks. In that of PNG and WebP, and in XMP, browsers differ.
 */

const XMP = /tiff:Orientation(?:\s*=\s*["']|>)[2-8]/;
const TIFF = /II\*\0|MM\0\*/;
const ORIENTATION = 0x0112;
const LITTLE = "I".charCodeAt(0);
/** How far behind the name of its part the structure may begin. */
const REACH = 32;

export function isTurned(bytes, type) {
  const text = new TextDecoder("latin1").decode(bytes);
  const start = text.indexOf({ "image/png": "eXIf", "image/webp": "EXIF", "image/jpeg": "Exif\0\0" }[type]);
  if (start < 0) return XMP.test(text);
  return type !== "image/jpeg" && orientation(bytes, start + text.slice(start, start + REACH).search(TIFF)) > 1;
}

/** The tag in the first directory of the TIFF structure that EXIF is, which begins at `start`. */
function orientation(bytes, start) {
  const view = new DataView(bytes.buffer, start);
  const isLittle = bytes[start] === LITTLE;
  try {
    const directory = view.getUint32(4, isLittle);
    const entries = Array.from({ length: view.getUint16(directory, isLittle) }, (_, entry) => directory + 2 + 12 * entry);
    const found = entries.find((at) => view.getUint16(at, isLittle) === ORIENTATION);
    return found === undefined ? 1 : view.getUint16(found + 8, isLittle);
  } catch {
    // It ends too early.
    return 1;
  }
}
