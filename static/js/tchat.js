/* The tchat, live. Without this file the same page works with its form. The rules are those of tests/tchat/client.py:
   keep what is not acknowledged and send it again with the same id, at most ten in flight; resume after the last line;
   ignore what is already shown; a gap or a silent link means a new connection. Where websockets do not pass, the same
   frames come by plain requests. Nothing is stored on the device; words stand in the page, text is never markup. */
(function () {
  "use strict";
  var WINDOW = 10, RESEND = 3000, PING = 10000, SILENCE = 25000, ANSWER = 5000, OPENING = 6000;
  var FIRST_WAIT = 500, LONGEST_WAIT = 8000, POLL = 3000, POLL_AFTER = 4000, READ_EVERY = 1000, LIMIT = 4000;
  var MINE = { victime: "victime", agent: "agent" }, NOTE = "guichet";
  var drafts = new Map();

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
    one.node.classList.toggle("bubble--sending", state === "sending");
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
    node.querySelector(".bubble__text").textContent = frame.body;
    node.querySelector(".state").textContent = this.hour.format(new Date(frame.at));
    this.log.insertBefore(node, this.firstWaiting());
    this.say((note ? "" : frame.who + " : ") + frame.body);
  };

  View.prototype.saved = function (frame) {
    var one = this.nodes.get(frame.id);
    if (!one) return;
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

  View.prototype.read = function (seq) {
    var view = this;
    this.mine.forEach(function (one) { if (one.seq <= seq && one.state !== "read") view.mark(one, "read"); });
  };

  View.prototype.say = function (text) { if (this.live) this.live.textContent = text; };

  View.prototype.connection = function (name) {
    if (!this.link || this.linked === name) return;
    this.linked = name;
    this.link.textContent = this.word(name);
    this.link.classList.toggle("live", name === "online");
  };

  View.prototype.scroller = function () {
    return this.log.scrollHeight > this.log.clientHeight + 1 && getComputedStyle(this.log).overflowY !== "visible" ? this.log : document.scrollingElement;
  };

  View.prototype.isAtEnd = function () {
    var box = this.scroller();
    return box.scrollHeight - box.scrollTop - box.clientHeight < 160;
  };

  View.prototype.scroll = function () {
    var box = this.scroller();
    box.scrollTop = box.scrollHeight;
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

  /* --- The link: a websocket, and plain requests while there is none. */
  function Room(root) {
    this.root = root;
    this.view = new View(root);
    this.thread = new Thread(Number(root.getAttribute("data-seq")) || 0);
    this.socket = null;
    this.isLive = this.stopped = false;
    this.wait = FIRST_WAIT;
    this.nextTry = 0;
    this.lostAt = Date.now();
    this.polledAt = this.readAt = this.readTold = 0;
    this.otherRead = Number(root.getAttribute("data-other-read")) || 0;
    this.busy = false;
    this.bind();
    this.check = this.check.bind(this);
    document.addEventListener("visibilitychange", this.check);
    window.addEventListener("online", this.check);
    this.clock = setInterval(this.beat.bind(this), 500);
    if (this.view.log) this.view.scroll();
    this.connect();
  }

  Room.prototype.bind = function () {
    var room = this, form = this.view.form;
    if (!form) return;
    var box = form.text, key = this.root.getAttribute("data-conversation");
    form.noValidate = true;
    if (this.view.role === "agent" && drafts.has(key) && !box.value) box.value = drafts.get(key);
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      room.submit(box);
      drafts.delete(key);
    });
    box.addEventListener("keydown", function (event) {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      room.submit(box);
      drafts.delete(key);
    });
    box.addEventListener("input", function () {
      if (room.view.role === "agent") drafts.set(key, box.value);
      room.fit(box);
    });
    this.fit(box);
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
    this.fit(box);
    box.focus();
    this.flush();
  };

  Room.prototype.connect = function () {
    var room = this, scheme = location.protocol === "https:" ? "wss://" : "ws://", socket;
    this.nextTry = Infinity;
    this.openedAt = Date.now();
    try {
      socket = new WebSocket(scheme + location.host + this.root.getAttribute("data-socket"));
    } catch (error) {
      return this.lost(0);
    }
    this.socket = socket;
    socket.onopen = function () {
      if (socket !== room.socket) return;
      room.heard = room.pinged = Date.now();
      room.tell({ t: "resume", after: room.thread.last });
      room.thread.due(Date.now(), true).forEach(function (one) { room.tell({ t: "send", id: one.id, body: one.body }); });
    };
    socket.onmessage = function (event) {
      if (socket !== room.socket) return;
      room.heard = Date.now();
      room.hear(JSON.parse(event.data));
    };
    socket.onclose = function (event) {
      if (socket === room.socket) room.lost(event.code);
    };
  };

  Room.prototype.tell = function (frame) {
    if (this.socket && this.socket.readyState === 1) this.socket.send(JSON.stringify(frame));
  };

  /* The link is gone: come back after a while, sooner when the server said that it restarts. */
  Room.prototype.lost = function (code) {
    var socket = this.socket;
    this.socket = null;
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
    if (this.isLive) this.lostAt = Date.now();
    this.isLive = false;
    var ending = { 4401: "ended", 4403: "ended", 4409: "taken" }[code];
    if (ending) return this.stop(ending);
    var wait = code === 4429 ? 10000 : this.wait;
    this.nextTry = Date.now() + wait * (0.5 + Math.random());
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
  };

  Room.prototype.stop = function (ending) {
    this.stopped = true;
    this.ending = ending;
    this.view.connection(ending);
    this.view.say(this.view.word(ending));
  };

  Room.prototype.leave = function () {
    clearInterval(this.clock);
    document.removeEventListener("visibilitychange", this.check);
    window.removeEventListener("online", this.check);
    this.stopped = true;
    if (this.socket) this.socket.onclose = null, this.socket.close();
  };

  Room.prototype.hear = function (frame) {
    var meaning = this.thread.hear(frame), view = this.view;
    if (meaning === "gap") return this.lost(0);
    if (meaning === "show") view.show(frame, this.otherRead);
    else if (meaning === "saved") view.saved(frame);
    else if (meaning === "refused") view.refused(frame);
    if (frame.t === "state") this.state(frame);
    if (frame.t !== "err") this.flush();
  };

  Room.prototype.state = function (frame) {
    if (this.socket && this.socket.readyState === 1) {
      this.isLive = true;
      this.wait = FIRST_WAIT;
    }
    this.otherRead = this.view.role === "victime" ? frame.agent_read : frame.victim_read;
    this.view.read(this.otherRead);
    var kind = frame.state + frame.agent, place = kind + frame.position + "/" + frame.minutes;
    if (this.shownKind !== undefined && this.shownKind !== kind) this.changed(frame);
    if (this.shownPlace !== undefined && this.shownPlace !== place) document.dispatchEvent(new CustomEvent("tour"));
    this.shownKind = kind;
    this.shownPlace = place;
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
    var now = Date.now(), open = this.socket && this.socket.readyState === 1;
    if (!this.root.isConnected && !this.thread.waiting.length) return this.leave();
    if (this.stopped) return;
    if (open) {
      if (now - this.heard > SILENCE || (this.asked && now - this.asked > ANSWER && this.heard < this.asked)) return this.lost(0);
      if (now - this.pinged > PING) this.ping(now);
      this.flush();
    } else if (this.socket && now - this.openedAt > OPENING) {
      return this.lost(0);
    } else if (!this.socket && now >= this.nextTry) {
      this.connect();
    }
    this.view.connection(this.isLive ? "online" : this.polls ? "slow" : "lost");
    if (this.isLive) this.polls = false;
    else if (now - this.lostAt > POLL_AFTER && now - this.polledAt > POLL) this.poll(now);
    this.tellRead(now);
  };

  Room.prototype.ping = function (now) {
    this.pinged = now;
    this.tell({ t: "ping", seq: this.thread.last });
  };

  /* Back on this page, or back on the network: ask at once rather than wait for the silence to be long. */
  Room.prototype.check = function () {
    if (this.stopped || document.visibilityState === "hidden") return;
    if (this.socket && this.socket.readyState === 1) {
      this.asked = Date.now();
      this.ping(this.asked);
    } else if (!this.socket) {
      this.connect();
    }
  };

  Room.prototype.tellRead = function (now) {
    if (!this.view.log || document.visibilityState === "hidden" || now - this.readAt < READ_EVERY) return;
    if (this.thread.last <= this.readTold || !this.isLive) return;
    this.readAt = now;
    this.readTold = this.thread.last;
    this.tell({ t: "read", seq: this.thread.last });
  };

  /* Websockets do not pass: the same frames by plain requests, one at a time, in order. */
  Room.prototype.poll = function (now) {
    if (this.busy) return;
    var room = this, seen = this.view.log && document.visibilityState !== "hidden" ? this.thread.last : 0;
    this.busy = true;
    this.polledAt = now;
    this.ask(this.root.getAttribute("data-after") + "?apres=" + this.thread.last + "&lu=" + seen)
      .then(function () { return room.post(); })
      .catch(function () { room.polls = false; })
      .then(function () { room.busy = false; });
  };

  Room.prototype.ask = function (address, body) {
    var room = this;
    return fetch(address, {
      method: body ? "POST" : "GET", body: body, headers: { Accept: "application/json" }, credentials: "same-origin", cache: "no-store",
    }).then(function (answer) {
      if (answer.status === 401 || answer.status === 404) return room.stop("ended");
      if (answer.status === 409) return room.stop("taken");
      return answer.json().then(function (found) {
        room.polls = true;
        if (!room.isLive) found.frames.forEach(function (frame) { room.hear(frame); });
      });
    });
  };

  Room.prototype.post = function () {
    var room = this, one = this.thread.waiting[0], form = this.view.form;
    if (!one || !form || this.stopped || this.isLive) return Promise.resolve();
    var body = new FormData();
    body.append("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]").value);
    body.append("client_id", one.id);
    body.append("text", one.body);
    return this.ask(form.getAttribute("action"), body).then(function () {
      return room.thread.waiting[0] === one ? null : room.post();
    });
  };

  function start(within) {
    Array.prototype.forEach.call(within.querySelectorAll("[data-tchat]"), function (root) {
      if (root.tchat) return;
      root.tchat = new Room(root);
    });
  }

  window.GuichetTchat = { Thread: Thread };
  start(document);
  document.addEventListener("htmx:load", function (event) { start(event.detail.elt.parentNode || document); });
})();
