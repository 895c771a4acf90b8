/** An image for an exhibit: drawn anew, so that nothing but the picture leaves the machine, and small enough for the hub. */
const bytesMax = 393216;
const edgeMax = 1600;
const kinds = Object.freeze(['image/webp', 'image/jpeg']);

/** Why an image can't be used: `code` is `not-an-image`, `too-big`, `insecure`, or a word of the hub's. */
export class ImageError extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

/** `file` as a blob of at most 384 KiB and 1,600 pixels an edge, without place, camera and whatever else cameras write. */
export async function redrawn(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    throw new ImageError('not-an-image');
  }
  const canvas = document.createElement('canvas');
  let scale = Math.min(1, edgeMax / Math.max(bitmap.width, bitmap.height));
  try {
    // Each round halves the pixels, at least.
    for (let round = 0; round < 6; round += 1, scale *= 0.7) {
      canvas.width = Math.max(1, Math.round(bitmap.width * scale));
      canvas.height = Math.max(1, Math.round(bitmap.height * scale));
      const g = canvas.getContext('2d');
      // What was transparent is not to be black in a JPEG.
      g.fillStyle = '#ffffff';
      g.fillRect(0, 0, canvas.width, canvas.height);
      g.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
      for (const kind of kinds) {
        const blob = await new Promise((done) => { canvas.toBlob(done, kind, 0.85); });
        // A browser that can't write a kind writes PNG.
        if (blob?.type === kind && blob.size <= bytesMax) return blob;
      }
    }
  } finally {
    bitmap.close();
  }
  throw new ImageError('too-big');
}

/** Brings a blob to the hub; its SHA-256, by which an exhibit names it. */
export async function upload(session, blob) {
  if (!crypto.subtle) throw new ImageError('insecure');
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()));
  const sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const { url } = await session.askUpload({ mediaType: blob.type, bytes: blob.size, sha256 });
  const answer = await fetch(url, { method: 'PUT', body: blob });
  if (answer.status !== 201) throw new ImageError((await answer.text()).trim());
  return sha256;
}
