/* The tchat, live. Without this file the same page works with its form. The rules are those of guichet/simulation/client.py and
   link.py: keep what is not acknowledged and send it again with the same id, at most ten in flight; resume after the last
   line; ignore what is already shown; a gap or a silent link means a new connection. Where websockets do not pass, the
   same frames come by a request that waits, else by one every three seconds. What is typed and not yet stored survives a
   reload of this page, in this tab only, and « Quitter » empties it. Words stand in the page, text is never markup. */
(function () {
  "use strict";
  var WINDOW = 10, RESEND = 3000, PING = 10000, ANSWER = 4000, OPENING = 6000;
  var FIRST_WAIT = 500, LONGEST_WAIT = 8000, BACK_UP = 20000, TOO_FAST = 10000;
  var ASK_AFTER = 4000, LOST_AFTER = 2000, POLL = 3000, LONG_GAP = 100, LONG_AGAIN = 15000;
  var LONG_TIMEOUT = 28000, TIMEOUT = 12000, READ_EVERY = 1000, TYPING_EVERY = 3000, TYPING_FOR = 6000, LIMIT = 4000, ANNOUNCED = 20000, MOVE_ON = 4000;
  var SIGN_IN = 4401, ENDINGS = { 4401: "ended", 4403: "ended", 4409: "taken" };
  var MINE = { victime: "victime", agent: "agent" }, NOTE = "guichet";

  /* --- What is shown and what waits: no clock, no network, no page. Proven by tests/tchat/vectors.json. */
  function Thread(last) {
    this.last = last;
    this.waiting = [];
  }

  Thread.prototype.compose = function (id, body) {
    this.waiting.push({ id: id, body: body, at: -Infinity });
  };

  /* Those to send now, oldest first; `everything`: a new connection. */
  Thread.prototype.due = function (now, everything) {
    var found = this.waiting.slice(0, WINDOW).filter(function (one) { return everything || now - one.at >= RESEND; });
    found.forEach(function (one) { one.at = now; });
    return found;
  };

  Thread.prototype.settle = function (id) {
    var before = this.waiting.length;
    this.waiting = this.waiting.filter(function (one) { return one.id !== id; });
    return this.waiting.length < before;
  };

  /* What a frame means: "show", "known", "gap", "saved", "refused", "later" or "" (nothing for the thread). */
  Thread.prototype.hear = function (frame) {
    if (frame.t === "msg") {
      if (frame.seq <= this.last) return "known";
      if (frame.seq > this.last + 1) return "gap";
      this.last = frame.seq;
      this.settle(frame.id);
      return "show";
    }
    if (frame.t === "ack") return this.settle(frame.id) ? "saved" : "";
    if (frame.t === "pong") return frame.seq > this.last ? "gap" : "";
    if (frame.t === "err") {
      if (frame.code === "retry" || frame.code === "too-fast") return "later";
      return frame.id && this.settle(frame.id) ? "refused" : "";
    }
    return "";
  };

  /* --- Which way the words go, and when: a websocket, else a request that waits, else one now and then. No clock and no
     network either; `beat` says what to do now. Proven by the same vectors. */
  function Link(now) {
    this.socket = "";
    this.heard = this.pinged = this.openedAt = 0;
    this.wait = FIRST_WAIT;
    this.nextTry = this.lostAt = now;
    this.asking = "";
    this.asked = this.nextAsk = this.nextLong = 0;
    this.by = "";
  }

  Link.prototype.beat = function (now) {
    var todo = [];
    if (this.socket === "opening") {
      if (now - this.openedAt >= OPENING) todo.push("lost");
    } else if (!this.socket) {
      if (now >= this.nextTry) this.socket = "opening", this.openedAt = now, todo.push("connect");
    } else if (this.pinged > this.heard) {
      if (now - this.pinged >= ANSWER) todo.push("lost");
    } else if (now - this.pinged >= PING) {
      this.pinged = now;
      todo.push("ping");
    }
    if (this.socket !== "live" && !this.asking && now - this.lostAt >= ASK_AFTER && now >= this.nextAsk) {
      this.asking = now >= this.nextLong ? "long" : "plain";
      this.asked = now;
      todo.push(this.asking);
    }
    return todo;
  };

  /* The first frame is owed to us, as the answer to « resume ». */
  Link.prototype.opened = function (now) {
    this.socket = "open";
    this.pinged = now;
    this.heard = now - 1;
  };

  Link.prototype.hear = function (now) { this.heard = now; };

  /* A state came: this way works. True when a request is under way that nobody needs any more. */
  Link.prototype.live = function () {
    var needless = this.asking !== "";
    this.socket = "live";
    this.wait = FIRST_WAIT;
    this.asking = this.by = "";
    return needless;
  };

  /* Back after a while, between half and one and a half times as long, longer each time. A word when it is over. */
  Link.prototype.lost = function (now, code, chance) {
    if (this.socket === "live") this.lostAt = now;
    this.socket = "";
    this.nextTry = now + (code === 4429 ? TOO_FAST : this.wait) * (0.5 + chance);
    this.wait = Math.min(this.wait * 2, this.by ? BACK_UP : LONGEST_WAIT);
    return ENDINGS[code] || "";
  };

  /* A request was answered; `waited`: the server had a place to wait at, or needed none. */
  Link.prototype.answered = function (now, waited) {
    var long = this.asking === "long";
    this.by = long && waited ? "long" : "slow";
    if (long && !waited) this.nextLong = now + LONG_AGAIN;
    this.nextAsk = now + (this.by === "long" ? LONG_GAP : POLL);
    this.asking = "";
  };

  /* The waiting one failed: a plain one at once. That one too: it is the network, and says nothing against waiting. */
  Link.prototype.failed = function (now) {
    if (this.asking === "long") {
      this.nextLong = now + LONG_AGAIN;
    } else {
      this.nextLong = now;
      this.nextAsk = now + POLL;
      this.by = "";
    }
    this.asking = "";
  };

  /* Back on this page, or on the network: ask at once rather than wait for the silence to be long. */
  Link.prototype.check = function (now) {
    var todo = [];
    if (this.asking && now - this.asked >= 1000) this.asking = "", todo.push("cancel");
    if (!this.socket) this.nextTry = now;
    else if (this.socket !== "opening" && this.pinged <= this.heard) this.pinged = now, todo.push("ping");
    this.nextAsk = this.nextLong = now;
    return todo.concat(this.beat(now));
  };

  Link.prototype.shown = function (now) {
    if (this.socket === "live") return "online";
    return this.by || (now - this.lostAt >= LOST_AFTER ? "lost" : "");
  };

  /* --- What this tab remembers of a conversation until it is stored: what is typed, what is on its way. */
  function Memory(name) {
    this.name = "tchat:" + name;
  }

  Memory.prototype.read = function () {
    try {
      return JSON.parse(sessionStorage.getItem(this.name)) || {};
    } catch (error) {
      return {};
    }
  };

  Memory.prototype.write = function (draft, waiting) {
    try {
      if (draft || waiting.length) sessionStorage.setItem(this.name, JSON.stringify({ draft: draft, waiting: waiting }));
      else sessionStorage.removeItem(this.name);
    } catch (error) { /* A browser that keeps nothing: the page alone remembers. */ }
  };

  function newId() {
    if (window.crypto.randomUUID) return window.crypto.randomUUID();
    var bytes = window.crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    var hex = Array.from(bytes, function (byte) { return (byte + 256).toString(16).slice(1); }).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }

  /* Half an emoji, cut by a phone's keyboard, or a NUL: no door of the house takes them. */
  function sound(text) {
    return Array.from(text).filter(function (one) { return one !== "\0" && !/^[\ud800-\udfff]$/.test(one); });
  }

  /* --- The page: bubbles made from the template that the server drew with the same component. */
  function View(root) {
    this.root = root;
    this.role = root.getAttribute("data-role");
    this.log = root.querySelector("[data-log]");
    this.live = root.querySelector("[data-live]");
    this.link = root.querySelector("[data-link]");
    this.form = root.querySelector("form.composer");
    this.sign = root.querySelector("[data-sign]");
    this.nodes = new Map();
    this.mine = [];
    var samples = root.querySelector("template[data-bubbles]");
    this.samples = samples ? samples.content.querySelectorAll(".bubble") : [];
    this.hour = new Intl.DateTimeFormat("fr-FR", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/Paris" });
    this.date = new Intl.DateTimeFormat("fr-FR", { weekday: "long", day: "numeric", month: "long", timeZone: "Europe/Paris" });
    this.day = root.getAttribute("data-day") || "";
    this.collect();
  }

  View.prototype.word = function (name) { return this.root.getAttribute("data-word-" + name) || ""; };

  /* My own lines that the server drew: their state may still change. */
  View.prototype.collect = function () {
    if (!this.log) return;
    var mine = this.mine;
    Array.prototype.forEach.call(this.log.querySelectorAll(".bubble--me[id]"), function (node) {
      mine.push({ node: node, seq: Number(node.id.replace("message-", "")), time: node.querySelector(".state").textContent.split(" ")[0] });
    });
  };

  View.prototype.bubble = function (kind) {
    return document.importNode(this.samples[kind === "mine" ? 0 : kind === "note" ? 2 : 1], true);
  };

  View.prototype.mark = function (one, state) {
    one.state = state;
    one.node.classList.toggle("bubble--sending", state === "sending" || state === "failed");
    var line = one.node.querySelector(".state");
    line.className = "state" + (state === "failed" ? "" : " state--" + state);
    line.textContent = (one.time ? one.time + " · " : "") + this.word(state) + (one.why ? " : " + one.why : "");
  };

  View.prototype.compose = function (id, body) {
    var one = { node: this.bubble("mine"), seq: 0, time: "" };
    one.node.querySelector(".bubble__text").textContent = body;
    this.nodes.set(id, one);
    one.node.setAttribute("data-pending", "");
    this.mark(one, "sending");
    this.log.appendChild(one.node);
    this.scroll();
  };

  View.prototype.firstWaiting = function () {
    return this.log.querySelector("[data-pending]");
  };

  View.prototype.show = function (frame, otherRead) {
    if (!this.log) return;
    var stuck = this.isAtEnd(), at = new Date(frame.at), day = this.date.format(at);
    if (day !== this.day) {
      var mark = document.createElement("p");
      mark.className = "day";
      mark.textContent = day;
      this.log.insertBefore(mark, this.firstWaiting());
      this.day = day;
    }
    if (frame.author === MINE[this.role]) this.showMine(frame, otherRead);
    else this.showOther(frame);
    if (stuck) this.scroll();
  };

  View.prototype.showMine = function (frame, otherRead) {
    var one = this.nodes.get(frame.id);
    if (!one) {
      one = { node: this.bubble("mine") };
      one.node.querySelector(".bubble__text").textContent = frame.body;
    }
    this.nodes.delete(frame.id);
    one.node.removeAttribute("data-pending");
    one.node.id = "message-" + frame.seq;
    one.seq = frame.seq;
    one.time = this.hour.format(new Date(frame.at));
    this.mark(one, frame.seq <= otherRead ? "read" : "saved");
    this.mine.push(one);
    this.log.insertBefore(one.node, this.firstWaiting());
  };

  View.prototype.showOther = function (frame) {
    var note = frame.author === NOTE, node = this.bubble(note ? "note" : "other"), who = node.querySelector(".bubble__who");
    if (who) who.textContent = frame.who;
    node.id = "message-" + frame.seq;
    node.querySelector(".bubble__text").textContent = this.led(node, frame.body);
    node.querySelector(".state").textContent = this.hour.format(new Date(frame.at));
    this.log.insertBefore(node, this.firstWaiting());
    this.say((note ? "" : frame.who + " : ") + frame.body);
  };

  /* A line of the house that ends with the address of our page leads there; of no other page, and no other line. */
  View.prototype.led = function (node, body) {
    var link = node.querySelector("[data-page]"), address = body.split(" ").pop();
    if (!link) return body;
    if (address.indexOf("http") === 0 && address.slice(-link.pathname.length) === link.pathname) return body.slice(0, -address.length - 1);
    link.remove();
    return body;
  };

  /* A line that the page already shows was sent before a reload: its copy goes. */
  View.prototype.saved = function (frame) {
    var one = this.nodes.get(frame.id);
    if (!one) return;
    if (document.getElementById("message-" + frame.seq)) {
      this.nodes.delete(frame.id);
      return one.node.remove();
    }
    one.time = this.hour.format(new Date(frame.at));
    this.mark(one, "saved");
  };

  View.prototype.refused = function (frame) {
    var one = this.nodes.get(frame.id);
    if (!one) return;
    one.why = frame.text;
    this.mark(one, "failed");
    this.nodes.delete(frame.id);
    if (this.form && !this.form.text.value) this.form.text.value = one.node.querySelector(".bubble__text").textContent;
    this.say(this.word("failed") + ". " + frame.text);
  };

  /* The way on, once nothing more can be said from this page. */
  View.prototype.over = function (ending) {
    var notice = this.root.querySelector("[data-over=" + ending + "]");
    if (notice) notice.hidden = false;
  };

  View.prototype.unsent = function () {
    var view = this;
    this.nodes.forEach(function (one) { view.mark(one, "failed"); });
  };

  View.prototype.read = function (seq) {
    var view = this;
    this.mine.forEach(function (one) { if (one.seq <= seq && one.state !== "read") view.mark(one, "read"); });
  };

  /* One node for each announcement: two that come together are both read, and so are two that are alike. */
  View.prototype.say = function (text) {
    if (!this.live) return;
    var line = document.createElement("span");
    line.textContent = text + " ";
    this.live.appendChild(line);
    setTimeout(function () { line.remove(); }, ANNOUNCED);
  };

  View.prototype.connection = function (name) {
    if (!this.link || !name || this.linked === name) return;
    this.linked = name;
    this.link.setAttribute("data-way", name);
    this.link.textContent = this.word(name);
    this.link.classList.toggle("live", name === "online" || name === "long");
  };

  /* The other side writes. Seen, not announced: it would cut off what a screen reader reads every few seconds. */
  View.prototype.typing = function (shown) {
    if (this.sign) this.sign.textContent = shown ? this.word("typing") : "";
  };

  View.prototype.scrollsItself = function () {
    return this.log.scrollHeight > this.log.clientHeight + 1 && getComputedStyle(this.log).overflowY !== "visible";
  };

  /* How much of the conversation is further down. What else the page holds, under it, is not its end. */
  View.prototype.below = function () {
    if (this.scrollsItself()) return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight;
    return this.root.getBoundingClientRect().bottom - document.documentElement.clientHeight;
  };

  View.prototype.isAtEnd = function () { return this.below() < 160; };

  View.prototype.scroll = function () {
    var more = this.below();
    if (more <= 0) return;
    if (this.scrollsItself()) this.log.scrollTop += more;
    else window.scrollBy(0, more);
  };

  View.prototype.error = function (text) {
    var place = this.form.querySelector(".error");
    if (!place) {
      place = document.createElement("p");
      place.className = "error";
      place.setAttribute("role", "alert");
      this.form.insertBefore(place, this.form.querySelector(".composer__row"));
    }
    place.textContent = text;
    place.hidden = !text;
  };

  /* --- The room: what the link says to do, done. */
  function Room(root) {
    this.root = root;
    this.view = new View(root);
    this.thread = new Thread(Number(root.getAttribute("data-seq")) || 0);
    this.link = new Link(Date.now());
    this.memory = new Memory(this.view.role + ":" + root.getAttribute("data-conversation"));
    this.socket = this.request = null;
    this.stopped = this.posting = false;
    this.readAt = this.readTold = this.nextPost = this.nextMove = this.nextTyping = this.typingUntil = 0;
    this.over = false;
    this.known = "";
    this.otherRead = Number(root.getAttribute("data-other-read")) || 0;
    this.bind();
    this.restore();
    this.check = this.check.bind(this);
    this.forget = this.forget.bind(this);
    document.addEventListener("visibilitychange", this.check);
    document.addEventListener("adieu", this.forget);
    window.addEventListener("online", this.check);
    window.addEventListener("offline", this.check);
    this.clock = setInterval(this.beat.bind(this), 500);
    if (this.view.log) this.view.scroll();
    this.beat();
  }

  Room.prototype.bind = function () {
    var room = this, form = this.view.form;
    if (!form) return;
    var box = form.text;
    form.noValidate = true;
    form.addEventListener("submit", function (event) {
      if (event.submitter && event.submitter.hasAttribute("formaction")) return; /* the button of the files, without upload.js */
      event.preventDefault();
      room.submit(box);
    });
    box.addEventListener("keydown", function (event) {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      if (form.requestSubmit) form.requestSubmit(); /* as the button does: a file chosen goes too */
      else room.submit(box);
    });
    box.addEventListener("input", function () {
      room.remember();
      room.fit(box);
      room.tellTyping(box.value, Date.now());
    });
    this.fit(box);
  };

  /* That somebody writes, never what: words leave this page when they are sent. */
  Room.prototype.tellTyping = function (text, now) {
    if (!text.trim() || now < this.nextTyping || this.link.socket !== "live") return;
    this.nextTyping = now + TYPING_EVERY;
    this.tell({ t: "typing" });
  };

  Room.prototype.typing = function (until) {
    this.typingUntil = until;
    this.view.typing(until > 0);
  };

  Room.prototype.restore = function () {
    var room = this, box = this.view.form && this.view.form.text, kept = this.memory.read();
    if (!box) return;
    if (kept.draft && !box.value) box.value = kept.draft;
    (kept.waiting || []).forEach(function (one) {
      room.thread.compose(one.id, one.body);
      room.view.compose(one.id, one.body);
    });
    this.fit(box);
    this.remember(); /* what was typed before this script came counts as well */
  };

  Room.prototype.remember = function () {
    if (this.stopped || !this.view.form) return;
    var shown = this.root.isConnected, draft = shown ? this.view.form.text.value : this.memory.read().draft;
    this.memory.write(draft, this.thread.waiting.map(function (one) { return { id: one.id, body: one.body }; }));
  };

  /* « Quitter », or the right to be here is over: nothing stays in the browser, nothing more leaves it. */
  Room.prototype.forget = function () {
    this.memory.write("", []);
    this.leave();
  };

  /* As many rows as the text needs, by the attribute: an inline style is refused here. */
  Room.prototype.fit = function (box) {
    box.rows = 2;
    var look = getComputedStyle(box), line = parseFloat(look.lineHeight) || 24;
    var inside = box.scrollHeight - parseFloat(look.paddingTop) - parseFloat(look.paddingBottom);
    box.rows = Math.min(6, Math.max(2, Math.floor(inside / line)));
  };

  Room.prototype.submit = function (box) {
    var letters = sound(box.value.trim()), view = this.view;
    if (!letters.length) return box.focus();
    if (letters.length > LIMIT) return view.error(view.word("too-long").replace("{n}", letters.length - LIMIT));
    if (this.stopped) return view.error(view.word(this.ending));
    view.error("");
    var id = newId(), body = letters.join("");
    this.thread.compose(id, body);
    view.compose(id, body);
    box.value = "";
    this.remember();
    this.fit(box);
    box.focus();
    this.flush();
    this.post();
  };

  Room.prototype.connect = function () {
    var room = this, scheme = location.protocol === "https:" ? "wss://" : "ws://", socket;
    try {
      socket = new WebSocket(scheme + location.host + this.root.getAttribute("data-socket"));
    } catch (error) {
      return this.lost(0);
    }
    this.socket = socket;
    socket.onopen = function () {
      if (socket !== room.socket) return;
      room.link.opened(Date.now());
      room.tell({ t: "resume", after: room.thread.last });
      room.thread.due(Date.now(), true).forEach(function (one) { room.tell({ t: "send", id: one.id, body: one.body }); });
    };
    socket.onmessage = function (event) {
      if (socket !== room.socket) return;
      room.link.hear(Date.now());
      room.hear(JSON.parse(event.data));
    };
    socket.onclose = function (event) {
      if (socket === room.socket) room.lost(event.code);
    };
  };

  Room.prototype.tell = function (frame) {
    if (this.socket && this.socket.readyState === 1) this.socket.send(JSON.stringify(frame));
  };

  Room.prototype.lost = function (code) {
    this.hangUp();
    var ending = this.link.lost(Date.now(), code, Math.random());
    if (ending) this.stop(ending, code === SIGN_IN);
  };

  Room.prototype.hangUp = function () {
    var socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  };

  /* `again`: an agent whose session ended signs in and goes on; anybody else has no more right to be here. */
  Room.prototype.stop = function (ending, again) {
    if (this.stopped) return;
    if (again && this.view.role === "agent") this.remember();
    else this.memory.write("", []);
    this.stopped = true;
    this.ending = ending;
    this.hangUp();
    this.cancel();
    this.view.unsent();
    this.view.over(ending);
    this.view.connection(ending);
    this.view.say(this.view.word(ending));
  };

  Room.prototype.leave = function () {
    clearInterval(this.clock);
    document.removeEventListener("visibilitychange", this.check);
    document.removeEventListener("adieu", this.forget);
    window.removeEventListener("online", this.check);
    window.removeEventListener("offline", this.check);
    this.stopped = true;
    this.hangUp();
    this.cancel();
  };

  Room.prototype.hear = function (frame) {
    var meaning = this.thread.hear(frame), view = this.view;
    if (frame.t === "beat") return this.tell({ t: "ping", seq: this.thread.last }); /* hidden: our own beat sleeps */
    if (meaning === "gap") return this.socket ? this.lost(0) : null;
    if (frame.t === "typing") return this.typing(Date.now() + TYPING_FOR);
    if (meaning === "show") {
      view.show(frame, this.otherRead);
      if (frame.author !== MINE[view.role]) this.typing(0); /* here it is */
    }
    if (meaning === "saved") view.saved(frame);
    if (meaning === "refused") {
      view.refused(frame);
      if (view.form) this.fit(view.form.text), view.scroll();
    }
    if (meaning === "show" || meaning === "saved" || meaning === "refused") this.remember();
    if (frame.t === "state") this.state(frame);
    if (frame.t !== "err") this.flush();
  };

  Room.prototype.state = function (frame) {
    if (this.socket && this.link.live()) this.cancel();
    this.otherRead = this.view.role === "victime" ? frame.agent_read : frame.victim_read;
    this.view.read(this.otherRead);
    var kind = frame.state + frame.agent, place = [kind, frame.position, frame.minutes, frame.desk, frame.saturated].join("/");
    if (this.shownKind !== undefined && this.shownKind !== kind) this.changed(frame), this.typing(0);
    if (this.shownPlace !== undefined && this.shownPlace !== place) this.turn(Date.now());
    this.over = frame.state !== "attente";
    this.shownKind = kind;
    this.shownPlace = place;
  };

  /* The waiting page asks again where it stands, and turns into the conversation when somebody is there. */
  Room.prototype.turn = function (now) {
    this.nextMove = now + MOVE_ON;
    document.dispatchEvent(new CustomEvent("tour"));
  };

  /* The wait is over and the page still shows it (taken before this script came, an answer lost): ask until it moves on. */
  Room.prototype.moveOn = function (now) {
    if (this.over && now >= this.nextMove && document.getElementById("tour")) this.turn(now);
  };

  /* Somebody came, left, or it is over: the title of the page, and the way on. */
  Room.prototype.changed = function (frame) {
    var title = this.root.querySelector("[data-title]"), end = this.root.querySelector("[data-end]");
    if (title && this.view.role === "victime") title.textContent = frame.agent || this.view.word(frame.state);
    if (frame.state === "close" && end) end.hidden = false;
    if (this.view.role === "agent" && frame.state === "close") document.dispatchEvent(new CustomEvent("fin"));
  };

  Room.prototype.flush = function () {
    var room = this;
    if (this.socket && this.socket.readyState === 1) {
      this.thread.due(Date.now(), false).forEach(function (one) { room.tell({ t: "send", id: one.id, body: one.body }); });
    }
  };

  Room.prototype.beat = function () {
    var now = Date.now();
    if (!this.root.isConnected && !this.thread.waiting.length) return this.leave();
    if (this.stopped) return;
    this.act(this.link.beat(now));
    this.flush();
    if (now >= this.nextPost) this.post();
    if (this.typingUntil && now >= this.typingUntil) this.typing(0);
    this.view.connection(this.link.shown(now));
    this.tellRead(now);
    this.moveOn(now);
  };

  Room.prototype.act = function (todo) {
    var room = this;
    todo.forEach(function (what) {
      if (what === "connect") room.connect();
      else if (what === "ping") room.tell({ t: "ping", seq: room.thread.last });
      else if (what === "lost") room.lost(0);
      else if (what === "cancel") room.cancel();
      else room.ask(what);
    });
  };

  Room.prototype.check = function () {
    if (this.stopped || document.visibilityState === "hidden") return;
    this.nextPost = 0;
    this.act(this.link.check(Date.now()));
  };

  Room.prototype.isSeen = function () { return this.view.log && document.visibilityState !== "hidden"; };

  Room.prototype.tellRead = function (now) {
    if (!this.isSeen() || now - this.readAt < READ_EVERY) return;
    if (this.thread.last <= this.readTold || this.link.socket !== "live") return;
    this.readAt = now;
    this.readTold = this.thread.last;
    this.tell({ t: "read", seq: this.thread.last });
  };

  /* --- Websockets do not pass: the same frames by requests, in order. */
  function fetched(address, options, timeout, controller) {
    options.headers = { Accept: "application/json" };
    options.credentials = "same-origin";
    options.cache = "no-store";
    if (controller) options.signal = controller.signal;
    var clock = setTimeout(function () { if (controller) controller.abort(); }, timeout);
    return fetch(address, options).then(function (answer) {
      if (answer.status >= 500 || !/json/.test(answer.headers.get("Content-Type"))) throw new Error("not answered");
      return answer.json().then(function (found) { return { status: answer.status, found: found }; });
    }).finally(function () { clearTimeout(clock); });
  }

  function controller() { return window.AbortController ? new AbortController() : null; }

  Room.prototype.cancel = function () {
    var request = this.request;
    this.request = null;
    if (request && request.controller) request.controller.abort();
  };

  /* "long": it waits at the server for what comes; "plain": it says what is there. */
  Room.prototype.ask = function (kind) {
    var room = this, request = this.request = { controller: controller() }, long = kind === "long";
    var about = "apres=" + this.thread.last + "&lu=" + (this.isSeen() ? this.thread.last : 0);
    var address = this.root.getAttribute("data-after") + "?" + about;
    if (long) {
      var parts = this.root.getAttribute("data-socket").split("?");
      address = parts[0] + "suite/?" + (parts[1] ? parts[1] + "&" : "") + about + "&attendre=20&vu=" + this.known;
    }
    fetched(address, { method: "GET" }, long ? LONG_TIMEOUT : TIMEOUT, request.controller).then(function (answer) {
      if (request !== room.request) return;
      if (long && answer.status !== 200 && answer.status !== 401 && answer.status !== 409) throw new Error("not there");
      room.link.answered(Date.now(), answer.found.attente === true);
      if (long) room.known = answer.found.vu || "";
      room.take(answer);
    }).catch(function () {
      if (request === room.request) room.link.failed(Date.now());
    });
  };

  Room.prototype.take = function (answer) {
    var room = this;
    if (answer.status === 401 || answer.status === 404) return this.stop("ended", answer.status === 401);
    if (answer.status === 409 && answer.found.frames[0].code === "not-yours") return this.stop("taken");
    answer.found.frames.forEach(function (frame) { room.hear(frame); });
  };

  /* One at a time, oldest first; the next leaves when this one is stored. */
  Room.prototype.post = function () {
    var room = this, one = this.thread.waiting[0], form = this.view.form;
    if (!one || !form || this.stopped || this.posting || this.link.socket === "live" || !this.link.by) return;
    var body = new FormData();
    body.append("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]").value);
    body.append("client_id", one.id);
    body.append("text", one.body);
    this.posting = true;
    this.nextPost = Date.now() + RESEND;
    fetched(form.getAttribute("action"), { method: "POST", body: body }, TIMEOUT, controller())
      .then(function (answer) { room.take(answer); })
      .catch(function () {})
      .then(function () {
        room.posting = false;
        if (room.thread.waiting[0] !== one) room.post();
      });
  };

  function start(within) {
    Array.prototype.forEach.call(within.querySelectorAll("[data-tchat]"), function (root) {
      if (root.tchat) return;
      root.tchat = new Room(root);
    });
  }

  window.GuichetTchat = { Thread: Thread, Link: Link };
  start(document);
  document.addEventListener("htmx:load", function (event) { start(event.detail.elt.parentNode || document); });
})();
