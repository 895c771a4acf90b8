/// The look of the report page. The page allows this one style sheet by its hash and nothing else.
enum PageStyle {
  /// SHA-256 of ``css``, base64, as Content-Security-Policy names it; a test compares.
  static let hash = "sha256-IoOsaJNmjMbOw4x5IC1ACr3MkqvxNSHlMctCfxhbQFM="

  static let css = """
    :root{color-scheme:light dark;--bg:#f6f5f1;--card:#fff;--ink:#1b2230;--soft:#566074;--rule:#dcd9cf;--good:#1d6b34;--bad:#a81f35;
    --c1:#0b66a0;--c2:#b04a05;--c3:#38741a;--c4:#8438a0;--c5:#a62c4b;--c6:#59616e;--c7:#7d6200}
    @media (prefers-color-scheme:dark){:root{--bg:#12161f;--card:#1a202c;--ink:#e8ebf2;--soft:#a5afc0;--rule:#323b4b;--good:#7fd897;--bad:#ff8c9d;
    --c1:#62b9f2;--c2:#ffa463;--c3:#8fd36a;--c4:#d49aec;--c5:#ff879f;--c6:#aab4c4;--c7:#e4c64c}}
    *{box-sizing:border-box}
    body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,"Segoe UI",Roboto,"Noto Sans",sans-serif}
    header,main,footer{max-width:68rem;margin:0 auto;padding:0 1.25rem}
    header{padding-top:2.25rem}
    h1{font-size:1.9rem;line-height:1.2;margin:0;letter-spacing:-.01em}
    h2{font-size:1.2rem;margin:0 0 .25rem}
    p{margin:.35rem 0 .9rem;max-width:46rem}
    .soft,footer,caption,figcaption{color:var(--soft)}
    .notice{border-left:4px solid var(--bad);padding:.5rem .9rem;background:var(--card);max-width:none}
    nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.1rem;list-style:none;padding:0;margin:.75rem 0 0}
    a{color:var(--c1);text-underline-offset:.15em}
    a:focus-visible,summary:focus-visible,.wide:focus-visible{outline:3px solid var(--c1);outline-offset:2px}
    section{background:var(--card);border:1px solid var(--rule);border-radius:10px;padding:1.25rem 1.4rem 1rem;margin:1.1rem 0}
    .tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(13.5rem,1fr));gap:.7rem;margin:1.25rem 0 0;padding:0}
    .tiles div{background:var(--card);border:1px solid var(--rule);border-radius:10px;padding:.75rem .95rem}
    .tiles dt{color:var(--soft);font-size:.85rem}
    .tiles dd{margin:0;font-size:1.4rem;font-weight:600;font-variant-numeric:tabular-nums;letter-spacing:-.01em}
    .tiles small{display:block;font-size:.8rem;font-weight:400;color:var(--soft);letter-spacing:0}
    .wide{overflow-x:auto}
    figure{margin:.75rem 0 1rem}
    .plot{display:block;width:100%;min-width:34rem;height:auto}
    .plot text{font:12px system-ui,"Segoe UI",Roboto,"Noto Sans",sans-serif;fill:var(--soft);font-variant-numeric:tabular-nums}
    .plot .axis{font-weight:600}
    .plot .name{font-weight:600;font-size:12.5px}
    .grid{stroke:var(--rule);stroke-width:1}
    .faint{stroke-dasharray:1 4}
    .line{fill:none;stroke-width:2.25;stroke-linejoin:round;stroke-linecap:round}
    .dashed{stroke-dasharray:6 5}
    .mark{stroke-width:2}
    .line.c1,.mark.c1{stroke:var(--c1)}.line.c2,.mark.c2{stroke:var(--c2)}.line.c3,.mark.c3{stroke:var(--c3)}.line.c4,.mark.c4{stroke:var(--c4)}
    .line.c5,.mark.c5{stroke:var(--c5)}.line.c6,.mark.c6{stroke:var(--c6)}.line.c7,.mark.c7{stroke:var(--c7)}
    .plot .name.c1,.bar.c1,.mark.c1{fill:var(--c1)}.plot .name.c2,.bar.c2,.mark.c2{fill:var(--c2)}.plot .name.c3,.bar.c3,.mark.c3{fill:var(--c3)}
    .plot .name.c4,.bar.c4,.mark.c4{fill:var(--c4)}.plot .name.c5,.bar.c5,.mark.c5{fill:var(--c5)}.plot .name.c6,.bar.c6,.mark.c6{fill:var(--c6)}
    .plot .name.c7,.bar.c7,.mark.c7{fill:var(--c7)}
    .plot .part{fill:var(--ink)}
    table{border-collapse:collapse;margin:.5rem 0 .9rem;min-width:60%;font-size:.93rem;font-variant-numeric:tabular-nums}
    caption{text-align:left;font-size:.85rem;padding-bottom:.3rem}
    th,td{padding:.28rem .9rem .28rem 0;border-bottom:1px solid var(--rule);text-align:left;vertical-align:top}
    tbody th{font-weight:400}
    tbody tr:hover{background:var(--bg)}
    .num td,.num thead th:not(:first-child){text-align:right}
    .failed td,.failed th{color:var(--bad);font-weight:600}
    .kept .verdict{color:var(--good);font-weight:600}
    details{margin:.25rem 0 .75rem}
    summary{cursor:pointer;color:var(--c1);width:max-content;max-width:100%}
    footer{padding-bottom:3rem;font-size:.88rem}
    @media print{body{background:none}section,.tiles div{break-inside:avoid;border-color:#999}nav,summary{display:none}}
    """
}
