/* SPDX-License-Identifier: MIT
   The chat on your own site: <script src="https://DESK/chat.js" data-chat="help" async></script>
   Needs of your Content-Security-Policy only script-src and frame-src for DESK. data-lang: zh-Hans, zh-Hant or en. */
(function () {
  "use strict";
  var me = document.currentScript;
  if (!me) return;
  var desk = new URL(me.src).origin;
  var name = me.dataset.chat || "help";
  var lang = me.dataset.lang || document.documentElement.lang || navigator.language || "en";
  var words = /^zh/i.test(lang) ? (/hant|tw|hk|mo/i.test(lang) ? ["線上客服", "關閉"] : ["在线客服", "关闭"]) : ["Chat with us", "Close"];
  var label = me.dataset.label || words[0];
  var button = document.createElement("button");
  var frame = null;

  function dress(what, how) {
    Object.keys(how).forEach(function (key) { what.style[key] = how[key]; }); // through the CSSOM: no style-src needed
  }

  function told(unread) {
    button.textContent = frame && shown() ? words[1] : unread ? label + " (" + unread + ")" : label;
    button.setAttribute("aria-expanded", String(shown()));
  }

  function shown() { return !!frame && frame.style.display !== "none"; }

  function greet() {
    if (!shown()) return;
    frame.focus();
    frame.contentWindow.postMessage({ deskd: "shown" }, desk);
  }

  function show(yes) {
    if (yes && !frame) {
      frame = document.createElement("iframe");
      frame.title = label;
      frame.referrerPolicy = "no-referrer";
      frame.src = desk + "/chat/" + encodeURIComponent(name) + "?lang=" + encodeURIComponent(lang) +
        "&framed=1&from=" + encodeURIComponent(location.origin);
      dress(frame, {
        position: "fixed", right: "1rem", bottom: "4.5rem", width: "min(24rem, calc(100vw - 2rem))",
        height: "min(36rem, calc(100vh - 6rem))", border: "1px solid #8a95a3", borderRadius: ".6rem",
        background: "#fff", zIndex: "2147483000"
      });
      frame.addEventListener("load", greet);
      document.body.appendChild(frame);
    } else if (frame) {
      frame.style.display = yes ? "block" : "none";
      if (yes) greet();
    }
    if (!yes) button.focus();
    told(0);
  }

  window.addEventListener("message", function (event) {
    if (!frame || event.origin !== desk || event.source !== frame.contentWindow || !event.data) return;
    if (event.data.deskd === "close") show(false);
    if (event.data.deskd === "unread" && !shown()) told(Number(event.data.count) || 0);
  });
  button.type = "button";
  button.addEventListener("click", function () { show(!shown()); });
  dress(button, {
    position: "fixed", right: "1rem", bottom: "1rem", minHeight: "3rem", padding: "0 1.25rem", font: "600 16px system-ui, sans-serif",
    color: "#fff", background: "#0b57c2", border: "0", borderRadius: "1.5rem", cursor: "pointer", zIndex: "2147483000"
  });
  told(0);
  if (document.body) document.body.appendChild(button);
  else document.addEventListener("DOMContentLoaded", function () { document.body.appendChild(button); });
})();
