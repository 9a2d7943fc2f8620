"""The style and the script of the page."""

# ruff: noqa: E501
_LEVELS = (
    "#14406b", "#225f95", "#3f80b5", "#6ba3cc", "#96c1dd", "#bbd7e8", "#d6e7f0", "#e8f1f6",
    "#f4f8fa",
)  # fmt: skip

STYLE = (
    """
:root{--ink:#1d2733;--soft:#5b6876;--line:#dfe5ea;--blue:#0072b2;--orange:#d55e00;--green:#00795a;
--warn:#fff4e5;--page:#fff}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;color:var(--ink);background:var(--page);font:16px/1.5 system-ui,-apple-system,"Segoe UI",
Roboto,"Helvetica Neue",Arial,sans-serif}
header,nav,main,footer{max-width:1080px;margin:0 auto;padding:0 16px}
header{padding-top:20px}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:1.25rem;margin:0 0 8px;padding-top:12px}
h3{font-size:1.05rem;margin:20px 0 6px}
header p,footer p,.small{color:var(--soft);font-size:.875rem}
header p{margin:0 0 8px}
p{margin:0 0 10px;max-width:70ch;overflow-wrap:anywhere}
.lead{font-size:1.06rem}
nav{position:sticky;top:0;background:var(--page);border-bottom:1px solid var(--line);padding-top:8px;
padding-bottom:8px;display:flex;flex-wrap:wrap;gap:2px 14px;font-size:.9rem;z-index:1}
nav a{color:var(--blue);text-decoration:none;white-space:nowrap}
nav a:hover{text-decoration:underline}
section{padding:14px 0 18px;border-bottom:1px solid var(--line);scroll-margin-top:52px}
svg{display:block;width:100%;height:auto;font:11px system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif}
.wide{max-width:620px}
.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(300px,1fr));gap:14px 18px}
figure{margin:0;min-width:0}
figcaption{font-weight:600;font-size:.92rem;overflow-wrap:anywhere}
.scroll{overflow-x:auto;margin:0 0 10px}
table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:4px 14px 4px 0;border-bottom:1px solid var(--line);white-space:nowrap;
vertical-align:top}
th{font-weight:600}
tbody th{white-space:normal;overflow-wrap:break-word;min-width:3em;max-width:16em}
thead th{color:var(--soft);font-weight:500}
.sortable thead th{cursor:pointer}
.findings{margin:0 0 10px;padding-left:20px;max-width:75ch}
.findings li{margin:4px 0;overflow-wrap:anywhere}
.warn{background:var(--warn);border-left:3px solid var(--orange);padding:4px 8px}
.findings .warn{list-style:none;margin-left:-20px}
details{margin:8px 0}
summary{cursor:pointer;color:var(--blue)}
button{font:inherit;font-size:.9rem;padding:5px 12px;border:1px solid var(--line);border-radius:6px;
background:#f6f8fa;color:var(--ink);cursor:pointer;margin:0 0 12px}
.legend{display:flex;flex-wrap:wrap;gap:2px 16px;align-items:center;color:var(--soft);font-size:.85rem;
margin-top:4px}
.legend span{display:inline-flex;align-items:center;gap:6px}
.key{width:12px;height:12px;border-radius:50%;display:inline-block}
.key.dot{background:#8fb3cf}
.key.best{background:var(--blue);height:3px;border-radius:0;width:16px}
.key.ring{border:2px solid var(--orange)}
.key.infeasible{border:1.5px solid #8a949e}
.key.beyond{background:#cfd6dc}
.key.cross{background:none;position:relative}
.key.cross:before{content:"×";position:absolute;top:-6px;left:1px;color:#a33;font-style:normal}
.key.batch{background:#edf2f6;border-radius:0}
.key.complete{background:#8fb3cf;height:3px;border-radius:0;width:16px}
.key.stopped{background:#c9b29a;height:3px;border-radius:0;width:16px}
.key.chosen{background:var(--orange);height:3px;border-radius:0;width:16px}
.swatch{width:18px;height:12px;display:inline-block;margin-right:-16px}
.swatch:last-of-type{margin-right:0}
text{fill:var(--ink)}
.tick{fill:var(--soft);font-size:10.5px}
.label{font-size:11.5px}
.middle{text-anchor:middle}
.end{text-anchor:end}
.gridline{stroke:#edf0f3;stroke-width:1;fill:none}
.dot{fill:#5b94bf;fill-opacity:.75}
.dot.infeasible{fill:none;stroke:#8a949e}
.dot.beyond{fill:#b9c3cc}
.best{stroke:var(--blue);stroke-width:2;fill:none}
.cross{stroke:#a33;stroke-width:1.4;fill:none}
.frontline{stroke:var(--blue);stroke-width:1.4;fill:none}
.onfront{fill:var(--blue)}
.ring{fill:none;stroke:var(--orange);stroke-width:2.2}
.batch{fill:#edf2f6}
.band{fill:#0072b2;fill-opacity:.16}
.mean{stroke:var(--blue);stroke-width:2;fill:none}
.dots{stroke:#39434d;stroke-opacity:.55;stroke-width:3.6;stroke-linecap:round;fill:none}
.dots.halo{stroke:#fff;stroke-opacity:.85;stroke-width:5.4}
.dots.over{stroke-opacity:.9;stroke-width:3.2}
.dots.beyond{stroke:#aab4bd}
.dots.failed{stroke:#a33}
.diagonal{stroke:#8a949e;stroke-dasharray:4 3;fill:none}
.interval{stroke:#5b94bf;stroke-opacity:.4;fill:none}
.bar.total{fill:#bcd6e8}
.bar.first{fill:var(--blue)}
.error{stroke:var(--ink);stroke-width:1.2;fill:none}
.curve{fill:none;stroke-width:1.1;stroke-opacity:.6}
.curve.complete{stroke:#5b94bf}
.curve.stopped{stroke:#c08a4f}
.curve.chosen{stroke:var(--orange);stroke-width:2.2;stroke-opacity:1}
.run.complete{fill:#5b94bf}
.run.failed{fill:#a33}
.run.stopped{fill:#c08a4f}
.run.other{fill:#b9c3cc}
.cell{shape-rendering:crispEdges}
.level-1{fill:none}
"""
    + "".join(f".level{i}{{fill:{c};background:{c}}}" for i, c in enumerate(_LEVELS))
    + """
@media (max-width:600px){body{font-size:15px}.grid{grid-template-columns:1fr}nav{position:static}
h1{font-size:1.35rem}}
@media print{nav,button,footer{display:none}section{break-inside:auto;border:0}
figure,.wide,table,li{break-inside:avoid}h2,h3,.lead,.small{break-after:avoid}body{font-size:11pt}.grid{grid-template-columns:1fr 1fr}}
"""
)

SCRIPT = """
(function(){
document.querySelectorAll("button[data-copy]").forEach(function(b){b.addEventListener("click",function(){
var t=document.getElementById(b.getAttribute("data-copy")).textContent,done=function(){b.textContent="Copied"};
if(navigator.clipboard&&window.isSecureContext){navigator.clipboard.writeText(t).then(done)}
else{var a=document.createElement("textarea");a.value=t;document.body.appendChild(a);a.select();
document.execCommand("copy");a.remove();done()}})});
document.querySelectorAll("table.sortable").forEach(function(t){
t.querySelectorAll("thead th").forEach(function(h,i){h.addEventListener("click",function(){
var up=h.getAttribute("data-up")!=="1",b=t.tBodies[0],n=function(r){var s=r.cells[i].textContent,v=parseFloat(s);
return isNaN(v)?s:v};h.setAttribute("data-up",up?"1":"0");
Array.from(b.rows).sort(function(x,y){var p=n(x),q=n(y),c=typeof p===typeof q?(p<q?-1:p>q?1:0):typeof p==="number"?-1:1;
return up?c:-c}).forEach(function(r){b.appendChild(r)})})})});
window.addEventListener("beforeprint",function(){document.querySelectorAll("details").forEach(function(d){d.open=true})});
var where=document.body.getAttribute("data-refresh");
if(where){var known=null;setInterval(function(){fetch(where).then(function(r){return r.text()}).then(function(v){
if(known!==null&&v!==known){location.reload()}known=v}).catch(function(){})},3000)}
})();
"""
