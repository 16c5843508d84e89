"""The report's one stylesheet: a page to read on any screen, light or dark, and to print."""

CSS = """
:root{color-scheme:light dark;--paper:#fff;--ink:#1c2128;--muted:#59636e;--rule:#d9dee4;
--card:#f6f3ea;--seen:#0072B2;--unseen:#C44E00;--wrong:#b3261e}
@media(prefers-color-scheme:dark){:root{--paper:#10151c;--ink:#e6edf3;--muted:#9aa5b1;
--rule:#2b333d;--card:#1a212b;--seen:#56B4E9;--unseen:#F0A050;--wrong:#ff8a80}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:60rem;padding:2.2rem 1.4rem 3rem;background:var(--paper);
color:var(--ink);font:1rem/1.5 -apple-system,"Segoe UI","Noto Sans","DejaVu Sans",sans-serif;
overflow-wrap:anywhere}
h1{font-size:1.9rem;line-height:1.2;margin:0 0 .2rem}h2{font-size:1.2rem;margin:2.2rem 0 .5rem}
.shows,.means,.foot,dt,th{color:var(--muted)}.means,.foot{font-size:.88rem}
.means{margin:.2rem 0 .7rem}
.verdict{background:var(--card);border-left:.35rem solid var(--seen);padding:.9rem 1.1rem;
font-size:1.15rem;margin:1.3rem 0;border-radius:.2rem}
.verdict.understood{border-color:var(--unseen)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;margin:.8rem 0}dd{margin:0}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th{text-align:left;font-weight:600;font-size:.88rem}
th,td{padding:.3rem .8rem .3rem 0;border-bottom:1px solid var(--rule);vertical-align:top}
.num{text-align:right;white-space:nowrap}.interval{color:var(--muted);font-size:.85rem}
svg{max-width:100%;height:auto;display:block}
.history{display:flex;flex-wrap:wrap;gap:.15rem .9rem;list-style:none;
margin:.1rem 0 .9rem;padding:0}
.history li{white-space:nowrap;max-width:100%;overflow:hidden;text-overflow:ellipsis}
.history small{color:var(--muted)}h3{font-size:1rem;margin:.7rem 0 0}
.right{color:var(--seen)}.nearly{color:var(--muted)}.wrong{color:var(--wrong)}
ol.questions li{margin:.55rem 0}code{background:var(--card);padding:.15rem .4rem;
border-radius:.2rem;font:.95em ui-monospace,"DejaVu Sans Mono",monospace}
.again{font-size:1.05rem;margin:.4rem 0}
.wall rect,.wall path{stroke-width:1.2}
.w-right{fill:var(--seen);stroke:var(--seen)}.w-nearly{fill:none;stroke:var(--seen)}
.w-wrong{fill:none;stroke:var(--wrong)}.w-none{fill:var(--rule);stroke:none}
.u-right{fill:var(--unseen);stroke:var(--unseen)}.u-wrong{fill:none;stroke:var(--unseen)}
@media print{:root{color-scheme:light;--paper:#fff;--ink:#000;--muted:#444;--rule:#bbb;
--card:#f4f4f4;--seen:#0072B2;--unseen:#C44E00;--wrong:#b3261e}
@page{margin:16mm}body{max-width:none;padding:0;font-size:10.5pt}h2,h3{break-after:avoid}
section,tr,.verdict,ol.questions li{break-inside:avoid}.long{break-inside:auto}
.class{break-before:page}.notes{break-before:page}}
"""
