// The pictures on the map: small ones from a few large sheets, single ones where few are seen large.

const AT_ONCE = 4; // single pictures that are fetched together
const KEPT = 160; // single pictures that are kept

/** Where each picture's pixels are; `changed` is called when more have come. */
export class Sprites {
  constructor(map, sheets, single, changed) {
    this.side = sheets.side;
    this.across = sheets.across;
    this.single = single; // address of a point's own picture, null where there is none
    this.changed = changed;
    this.order = new Int32Array(map.count).fill(-1);
    map.pictures.forEach((i, n) => { this.order[i] = n; });
    this.sheets = sheets.addresses.map((address) => ({ address, image: null }));
    this.singles = new Map();
    this.waiting = [];
    this.under = 0;
  }

  #sheet(number) {
    const sheet = this.sheets[number];
    if (!sheet.image) {
      sheet.image = new Image();
      sheet.image.decoding = "async";
      sheet.image.onload = () => { sheet.ready = true; this.changed(); };
      sheet.image.src = sheet.address;
    }
    return sheet.ready ? sheet.image : null;
  }

  /** Draw a point's picture; false where it is not there yet. */
  draw(context, i, left, top, side, large) {
    const own = large && this.single ? this.#own(i) : null;
    if (own) {
      const edge = Math.min(own.naturalWidth, own.naturalHeight);
      context.drawImage(own, (own.naturalWidth - edge) / 2, (own.naturalHeight - edge) / 2, edge, edge, left, top, side, side);
      return true;
    }
    const n = this.order[i], sheet = n < 0 ? null : this.#sheet(Math.floor(n / this.across ** 2));
    if (!sheet) return false;
    const place = n % this.across ** 2, s = this.side;
    context.drawImage(sheet, (place % this.across) * s, Math.floor(place / this.across) * s, s, s, left, top, side, side);
    return true;
  }

  #own(i) {
    const held = this.singles.get(i);
    if (held) return held.ready ? held.image : null;
    const fresh = { image: new Image(), ready: false };
    this.singles.set(i, fresh);
    this.waiting.push(i);
    this.#fetch();
    return null;
  }

  #fetch() {
    while (this.under < AT_ONCE && this.waiting.length) {
      const i = this.waiting.pop(); // the last asked for is what is looked at now
      const held = this.singles.get(i);
      if (!held) continue;
      this.under++;
      const end = (ready) => { held.ready = ready; this.under--; if (ready) this.changed(); this.#fetch(); };
      held.image.onload = () => end(true);
      held.image.onerror = () => end(false);
      held.image.src = this.single(i);
    }
    for (const [i] of this.singles) {
      if (this.singles.size <= KEPT) break;
      this.singles.delete(i);
    }
  }
}
