// The columns of one prompt: text that grows, marks, badges, one focus, keys.
//
// Model text only ever becomes the text of text nodes; nothing here parses HTML. Everything a
// person does by hand or key happens here at once; the server is told only what it must answer
// ("why", "compare"). The DOM is kept between calls, so that nothing jumps while text comes.

const views = new WeakMap();

export default function (component) {
  const home = component.parentElement;
  let view = views.get(home);
  if (!view) {
    view = new View(home);
    views.set(home, view);
  }
  view.show(component);
}

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

// Control characters and those that turn the direction of writing are shown, not obeyed.
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g;
const visible = (text) =>
  text.replace(HIDDEN, (one) => {
    const code = one.codePointAt(0);
    if (code < 0x20) return String.fromCodePoint(0x2400 + code);
    return code === 0x7f ? "\u2421" : `\u27e8U+${code.toString(16).toUpperCase()}\u27e9`;
  });

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

class View {
  constructor(home) {
    this.focus = 0;
    this.one = false;
    this.together = true;
    this.film = null;
    this.cards = [];
    this.root = element("div", "film");
    this.root.tabIndex = 0;
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", "Answers side by side; arrow keys move along them");
    this.root.append(this.makeBar(), (this.ruler = element("div", "ruler")));
    this.grid = element("div", "cards");
    this.root.append(this.grid);
    home.append(this.root);
    this.onKey = (event) => this.key(event);
    document.addEventListener("keydown", this.onKey);
    new ResizeObserver(() => this.balance()).observe(this.root);
  }

  // Rows of about equally many columns, each wide enough to read.
  balance() {
    const width = this.root.clientWidth;
    if (!width || !this.cards.length) return;
    const least = width > 1250 ? 200 : 172;
    const most = Math.max(1, Math.floor((width + 11) / (least + 11)));
    const rows = Math.ceil(this.cards.length / most);
    const each = Math.max(Math.ceil(this.cards.length / rows), Math.min(3, most));
    this.grid.style.setProperty("--each", each);
  }

  makeBar() {
    const bar = element("div", "bar");
    this.told = element("div", "told");
    const seg = element("span", "seg");
    this.allButton = element("button", "", "All");
    this.oneButton = element("button", "", "One at a time");
    this.allButton.onclick = () => this.setOne(false);
    this.oneButton.onclick = () => this.setOne(true);
    seg.append(this.allButton, this.oneButton);
    const label = element("label", "");
    this.box = element("input", "");
    this.box.type = "checkbox";
    this.box.checked = true;
    this.box.onchange = () => (this.together = this.box.checked);
    label.append(this.box, "Scroll together");
    const keys = element("div", "keys");
    const hints = [["←", ""], ["→", " along λ"], ["Enter", " one at a time"], ["W", " why"], ["C", " compare with this"]];
    hints.forEach(([name, what], index) => {
      if (index > 1) keys.append(" · ");
      keys.append(element("kbd", "", name), what || " ");
    });
    bar.append(this.told, seg, label, keys);
    return bar;
  }

  show(component) {
    const { data } = component;
    this.component = component;
    if (data.film !== this.film) {
      this.film = data.film;
      this.scrolled = false;
      this.focus = Math.min(data.focus, data.columns.length - 1);
    }
    // The button that was pressed is disabled now: its focus comes here, where the keys are.
    if (data.live && !this.caught && document.activeElement === document.body) {
      this.root.focus({ preventScroll: true });
      this.caught = true;
    }
    if (!data.live) this.caught = false;
    this.live = data.live;
    this.root.style.setProperty("--tall", `${data.tall}rem`);
    setText(this.told, data.told);
    while (this.cards.length > data.columns.length) this.cards.pop().leave();
    while (this.cards.length < data.columns.length) this.cards.push(new Card(this, this.cards.length));
    data.columns.forEach((column, index) => this.cards[index].show(column, data));
    this.focus = Math.min(this.focus, this.cards.length - 1);
    this.balance();
    this.mark();
  }

  mark() {
    this.root.classList.toggle("one", this.one);
    this.allButton.setAttribute("aria-pressed", String(!this.one));
    this.oneButton.setAttribute("aria-pressed", String(this.one));
    this.cards.forEach((card, index) => card.setHere(index === this.focus));
  }

  setOne(one) {
    this.one = one;
    this.mark();
    if (!one) this.cards[this.focus]?.root.scrollIntoView({ block: "nearest" });
  }

  go(index) {
    this.focus = Math.max(0, Math.min(index, this.cards.length - 1));
    this.mark();
    if (!this.one) this.cards[this.focus].root.scrollIntoView({ block: "nearest" });
  }

  tell(what, index) {
    this.component.setTriggerValue(what, index);
  }

  key(event) {
    if (!this.root.isConnected) {
      document.removeEventListener("keydown", this.onKey);
      return;
    }
    const active = document.activeElement;
    const host = this.root.getRootNode().host;
    const ours = !active || active === document.body || active === host || this.root.contains(active);
    if (!ours || event.ctrlKey || event.metaKey || event.altKey || !this.root.offsetParent) return;
    const inner = this.root.getRootNode().activeElement;
    const onButton = inner && (inner.tagName === "BUTTON" || inner.tagName === "INPUT");
    const moves = { ArrowLeft: this.focus - 1, ArrowRight: this.focus + 1, Home: 0, End: this.cards.length - 1 };
    if (event.key in moves) this.go(moves[event.key]);
    else if (event.key === "Enter" && !onButton) this.setOne(!this.one);
    else if (event.key === "Escape" && this.one) this.setOne(false);
    else if (event.key === "w" || event.key === "W") this.cards[this.focus].ask("why");
    else if (event.key === "c" || event.key === "C") this.cards[this.focus].ask("compare");
    else return;
    event.preventDefault();
  }

  scroll(from) {
    if (!this.together || this.quiet || this.one) return;
    this.quiet = true;
    for (const card of this.cards) if (card !== from) card.text.scrollTop = from.text.scrollTop;
    requestAnimationFrame(() => (this.quiet = false));
  }
}

class Card {
  constructor(view, index) {
    this.view = view;
    this.index = index;
    this.drawn = {};
    this.root = element("div", "card");
    this.root.setAttribute("role", "article");
    this.root.onmousedown = () => view.go(index);
    const head = element("div", "head");
    head.append((this.name = element("b")), (this.note = element("span", "note")), (this.against = element("span", "against")));
    this.text = element("div", "text");
    this.text.onscroll = () => view.scroll(this);
    this.text.onwheel = this.text.ontouchmove = this.text.onmousedown = () => (view.scrolled = true);
    this.badges = element("div", "badges");
    const foot = element("div", "foot");
    this.why = element("button", "", "Why this?");
    this.compare = element("button", "", "Compare with");
    this.why.onclick = () => this.ask("why");
    this.compare.onclick = () => this.ask("compare");
    foot.append(this.compare, this.why);
    this.root.append(element("div", "stripe"), head, this.text, this.badges, foot);
    view.grid.append(this.root);
    this.tick = element("button", "");
    this.tick.append(element("i"), (this.tickName = element("span")));
    this.tick.onclick = () => view.go(index);
    view.ruler.append(this.tick);
  }

  leave() {
    this.root.remove();
    this.tick.remove();
  }

  ask(what) {
    const button = what === "why" ? this.why : this.compare;
    if (!button.disabled) this.view.tell(what, this.index);
  }

  show(column, data) {
    this.root.style.setProperty("--hue", column.colour);
    this.tick.firstChild.style.background = column.colour;
    setText(this.name, column.name);
    setText(this.note, column.note);
    setText(this.tickName, column.short);
    this.tick.title = column.name;
    this.root.setAttribute("aria-label", `${column.name} ${column.note}`);
    setText(this.against, column.against);
    this.why.setAttribute("aria-label", `Why this? ${column.name}`);
    this.compare.setAttribute("aria-label", `Compare with ${column.name}`);
    this.why.disabled = !column.traceable;
    this.why.title = column.traceable ? "How probable each token is at every λ" : "Once it has been written";
    const chosen = data.reference === this.index;
    setText(this.compare, chosen ? "Compared with ✓" : "Compare with");
    this.compare.setAttribute("aria-pressed", String(chosen));
    this.text.classList.toggle("live", column.state === "writing");
    this.drawIfOther("parts", column.parts, () => this.drawText(column.parts, column.empty));
    this.drawIfOther("badges", column.badges, () => this.drawBadges(column.badges));
    const follows = this.view.live && this.view.one && !this.view.scrolled;
    if (follows) this.text.scrollTop = this.text.scrollHeight;
  }

  drawIfOther(what, value, draw) {
    const key = JSON.stringify(value);
    if (this.drawn[what] !== key) {
      this.drawn[what] = key;
      draw();
    }
  }

  drawText(parts, empty) {
    const spans = parts.map(([kind, text]) => {
      const span = element("span", kind, kind === "mark" ? undefined : visible(text));
      if (kind === "mark") {
        span.title = text;
        span.setAttribute("role", "img");
        span.setAttribute("aria-label", text);
      }
      return span;
    });
    const bare = !parts.some(([kind, text]) => kind !== "mark" && text);
    if (bare && empty) spans.push(element("span", "empty", empty));
    this.text.replaceChildren(...spans);
  }

  drawBadges(badges) {
    this.badges.replaceChildren(
      ...badges.map(([text, why, tone]) => {
        const badge = element("span", `badge ${tone}`, text);
        badge.title = why;
        return badge;
      }),
    );
  }

  setHere(here) {
    this.root.classList.toggle("here", here);
    this.tick.setAttribute("aria-current", String(here));
  }
}
