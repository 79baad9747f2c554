// Finds the QR codes in a camera's frame, in a picture and on the pages of a PDF. zxing and pdf.js are fetched when first used.

import { hex } from "./keys.js";

const VENDOR = new URL("../vendor/", import.meta.url).href;
/** Points along the longer side of a picture that is looked at, and pages of a PDF. */
const POINTS = 3000, PAGES = 10;
/** The log's proof in a PDF, by name, and fewer bytes than it ever has: 64 hashes and a checkpoint. */
const PROOF = "log-proof.txt", LONGEST_PROOF = 16_384;
const OPTIONS = { formats: ["QRCode"], tryHarder: true, textMode: "Plain" };

let reading;

/** Fetch the reader of codes, so that the first scan need not wait for it. */
export function prepare() {
  reading ??= import(`${VENDOR}zxing/reader/index.js`).then((zxing) => {
    const locateFile = (name) => `${VENDOR}zxing/reader/${name}`;
    zxing.prepareZXingModule({ overrides: { locateFile } });
    return zxing.readBarcodes;
  });
  return reading;
}

/** Give the texts of the codes in an ImageData. */
export async function inPoints(points) {
  const read = await prepare();
  return (await read(points, OPTIONS)).map((code) => code.text);
}

/**
 * Give what a file holds: {texts, proof, digest}, the texts of all codes, each once, and of a PDF the log's proof in it and its
 * SHA-256 in hex; rejects for a file that is neither picture nor PDF.
 */
export async function inFile(file) {
  const isPdf = new TextDecoder("latin1").decode(await file.slice(0, 5).arrayBuffer()) === "%PDF-";
  const found = isPdf ? await inPdf(file) : { texts: await inPicture(file) };
  return { ...found, texts: [...new Set(found.texts)] };
}

/** Draw something on a canvas of its own size, at most `POINTS` long, and give its points. */
export function drawn(source, width, height) {
  const scale = Math.min(1, POINTS / Math.max(width, height));
  const context = canvas(Math.round(width * scale), Math.round(height * scale));
  context.drawImage(source, 0, 0, context.canvas.width, context.canvas.height);
  return pointsOf(context);
}

async function inPicture(file) {
  const picture = await createImageBitmap(file);
  return inPoints(drawn(picture, picture.width, picture.height));
}

async function inPdf(file) {
  const pdfjs = await import(`${VENDOR}pdf.min.js`);
  pdfjs.GlobalWorkerOptions.workerSrc = `${VENDOR}pdf.worker.min.js`;
  const options = { isEvalSupported: false, useWasm: false, disableFontFace: true, useSystemFonts: false };
  const data = await file.arrayBuffer();
  const digest = hex(new Uint8Array(await crypto.subtle.digest("SHA-256", data)));
  const loading = pdfjs.getDocument({ data, ...options });
  try {
    const document = await loading.promise;
    const texts = [];
    for (let number = 1; number <= Math.min(document.numPages, PAGES); number += 1) {
      texts.push(...(await onPage(await document.getPage(number))));
    }
    const inside = (await document.getAttachments())?.[PROOF]?.content;
    return { texts, digest, proof: inside?.length < LONGEST_PROOF ? new TextDecoder().decode(inside) : "" };
  } finally {
    await loading.destroy();
  }
}

async function onPage(page) {
  const size = page.getViewport({ scale: 1 });
  const viewport = page.getViewport({ scale: POINTS / Math.max(size.width, size.height) });
  const context = canvas(Math.ceil(viewport.width), Math.ceil(viewport.height));
  await page.render({ canvasContext: context, canvas: context.canvas, viewport }).promise;
  return inPoints(pointsOf(context));
}

function canvas(width, height) {
  const made = Object.assign(document.createElement("canvas"), { width, height });
  const context = made.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "#fff"; // what is transparent counts as paper
  context.fillRect(0, 0, width, height);
  return context;
}

const pointsOf = (context) => context.getImageData(0, 0, context.canvas.width, context.canvas.height);
