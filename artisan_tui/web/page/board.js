// Around textual-serve's page script: the size of the letters, what is said when the picture is not live, and coming
// back by itself after the connection was lost. textual.js has no way in, so two things are watched: the WebSockets that
// it opens, and the object that it makes for the terminal.
"use strict";
(() => {
  const COLUMNS = 120;
  const ROWS = 40;
  const FAMILY = "'Roboto Mono'";
  const SMALLEST = 10;
  const LARGEST = 60;
  // As in `viewer.py`.
  const CLOSED_BY_PERSON = 4000;
  const FAILED = 4001;
  const FULL = 4002;
  // Milliseconds: between two looks at the connection, of silence before it is asked, until the answer has to be there.
  const TICK = 2000;
  const SILENCE = 4000;
  const ANSWER = 7000;
  const FIRST_RETRY = 500;
  const SLOWEST_RETRY = 5000;

  const words = JSON.parse(document.body.dataset.words);
  const notice = document.getElementById("notice");
  const said = document.getElementById("said");
  const holder = document.getElementById("terminal");
  const begin = window.onload;
  const Plain = window.WebSocket;
  window.onload = null;

  let client = null; // textual.js's
  let socket = null; // the one that counts; a broken one may still say something
  let fresh = true; // nothing came over it yet
  let heard = 0;
  let asked = 0;
  let since = null; // when the picture stopped being live
  let wait = FIRST_RETRY;
  let retrying = 0;
  let resting = false; // closed by the person, until they want it again

  // -- the size of the letters: 120x40 fits the window, unless ?font=N says otherwise ------------

  function letters() {
    const wanted = Number(new URLSearchParams(location.search).get("font"));
    if (wanted >= 6 && wanted <= 200) {
      return Math.floor(wanted);
    }
    const context = document.createElement("canvas").getContext("2d");
    context.font = `100px ${FAMILY}`;
    const letter = context.measureText("W");
    const width = letter.width / 100;
    const height = (letter.fontBoundingBoxAscent + letter.fontBoundingBoxDescent) / 100;
    const ratio = window.devicePixelRatio || 1;
    for (let size = LARGEST; size > SMALLEST; size--) {
      const across = (Math.ceil(width * size * ratio) / ratio) * COLUMNS;
      const down = (Math.ceil(height * size * ratio) / ratio) * ROWS;
      if (across <= window.innerWidth && down <= window.innerHeight) {
        return size;
      }
    }
    return SMALLEST;
  }

  function refit() {
    client.terminal.options.fontSize = letters();
    client.fit();
  }

  // -- what is said ----------------------------------------------------------------------------

  function say(text, bad) {
    notice.textContent = text.replace("{time}", since ? since.toLocaleTimeString([], { hour12: false }) : "");
    notice.className = bad ? "bad" : "";
    notice.hidden = false;
  }

  function live() {
    since = null;
    wait = FIRST_RETRY;
    notice.hidden = true;
    said.hidden = true;
    document.body.classList.remove("stale");
    client.terminal.focus();
  }

  // -- the connection --------------------------------------------------------------------------

  function watch(opened) {
    socket = opened;
    fresh = true;
    heard = Date.now();
    asked = 0;
    opened.addEventListener("message", (event) => {
      if (opened !== socket) {
        event.stopImmediatePropagation();
        return;
      }
      heard = Date.now();
      asked = 0;
      if (typeof event.data === "string") {
        event.stopImmediatePropagation();
        take(JSON.parse(event.data));
      } else if (fresh) {
        fresh = false;
        client.terminal.reset(); // the last picture stood until now
        live();
      }
    });
    opened.addEventListener("close", (event) => {
      if (opened === socket) {
        lost(event.code);
      }
    });
  }

  function take(message) {
    if (message[0] === "said") {
      said.textContent = message[1];
      said.hidden = false;
    }
  }

  function lost(code) {
    socket = null;
    since = since || new Date(heard);
    document.body.classList.add("stale");
    if (code === CLOSED_BY_PERSON) {
      resting = true;
      say(words.closed, false);
      return;
    }
    const slow = code === FULL || code === FAILED;
    say(code === FULL ? words.full : code === FAILED ? words.failed : words.lost, code !== FULL);
    again(slow ? SLOWEST_RETRY : wait);
  }

  function again(delay) {
    clearTimeout(retrying);
    retrying = setTimeout(retry, delay);
    wait = Math.min(wait * 1.5, SLOWEST_RETRY);
  }

  async function retry() {
    if (socket) {
      return;
    }
    let status = 0;
    try {
      status = (await fetch("/alive", { cache: "no-store", signal: AbortSignal.timeout(ANSWER) })).status;
    } catch {
      // There is no server, or no way to it.
    }
    if (socket) {
      return; // another try was quicker: the network came back while this one was under way
    }
    if (status >= 200 && status < 300) {
      client.connect();
      return;
    }
    say(status === 403 ? words.refused : words.lost, true);
    again(wait);
  }

  function look() {
    if (!socket) {
      return;
    }
    const now = Date.now();
    const opening = socket.readyState === Plain.CONNECTING;
    if (opening ? now - heard > 2 * ANSWER : asked && now - asked > ANSWER) {
      const dead = socket;
      lost(0);
      dead.close();
    } else if (!opening && !asked && now - heard > SILENCE) {
      asked = now;
      socket.send('["ping"]');
    }
  }

  function wanted() {
    if (resting) {
      resting = false;
      retry();
    }
  }

  // -- the beginning ---------------------------------------------------------------------------

  window.WebSocket = class extends Plain {
    constructor(url) {
      super(url);
      watch(this);
    }

    send(data) {
      // textual.js also sends sizes and keys before it is open, which is an error. It sends the size again then.
      if (this.readyState === Plain.OPEN) {
        super.send(data);
      }
    }
  };

  Object.defineProperty(Object.prototype, "websocket_url", {
    configurable: true,
    set(value) {
      delete Object.prototype.websocket_url;
      this.websocket_url = value;
      client = this;
    },
  });

  async function start() {
    try {
      await document.fonts.load(`16px ${FAMILY}`);
      await document.fonts.load(`bold 16px ${FAMILY}`);
    } catch {
      // The browser's own letters do.
    }
    holder.dataset.sessionWebsocketUrl = location.origin.replace(/^http/, "ws") + "/ws";
    holder.dataset.fontSize = letters();
    begin();
    client.terminal.focus();
    setInterval(look, TICK);
    let resizing = 0;
    window.addEventListener("resize", () => {
      clearTimeout(resizing);
      resizing = setTimeout(refit, 150);
    });
    window.addEventListener("online", () => {
      if (!socket && !resting) {
        retry();
      }
    });
    document.addEventListener("keydown", wanted, true);
    document.addEventListener("pointerdown", wanted, true);
  }

  start();
})();
