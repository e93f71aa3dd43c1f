// The lines of a list of messages, the newest first, kept in order while messages come, change and go.

const MOST = 20_000;

function isBefore(one, other) {
  if (one.created !== other.created) return one.created > other.created;
  if (one.order !== other.order) return one.order > other.order;
  return one.id > other.id;
}

export class MessageLines {
  constructor() {
    this.items = [];
    this._byId = new Map();
  }

  replace(lines) {
    this.items = lines;
    this._byId = new Map(lines.map((line) => [line.id, line]));
  }

  append(lines) {
    for (const line of lines) {
      if (this._byId.has(line.id)) continue;
      this._byId.set(line.id, line);
      this.items.push(line);
    }
  }

  // Takes in lines as they are now, and the ids of those that do not belong here (any more). Returns how many came in
  // before the first, and where the list goes on if its end had to be let go. ``hasMore`` says that it does not end yet.
  change(lines, others, hasMore) {
    for (const id of others) this._remove(id);
    let above = 0;
    for (const line of lines) {
      const known = this._byId.get(line.id);
      if (known) {
        Object.assign(known, line);
        continue;
      }
      const index = this._place(line);
      if (hasMore && index === this.items.length && index > 0) continue; // it comes when one scrolls there
      this.items.splice(index, 0, line);
      this._byId.set(line.id, line);
      if (index <= above) above += 1;
    }
    return { above, last: this._trim() };
  }

  _remove(id) {
    const line = this._byId.get(id);
    if (!line) return;
    this._byId.delete(id);
    this.items.splice(this.items.indexOf(line), 1);
  }

  _place(line) {
    let low = 0;
    let high = this.items.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isBefore(this.items[middle], line)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  _trim() {
    if (this.items.length <= MOST) return null;
    for (const line of this.items.splice(MOST)) this._byId.delete(line.id);
    const last = this.items[MOST - 1];
    return `${last.created}~${last.order}~${last.id}`;
  }
}
