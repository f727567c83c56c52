/// How the page of a drill looks. Colours are told apart by lightness and dashes, too, not by hue alone.
enum DrillPageStyle {
    static let css = """
        :root{--back:#fbfbf9;--card:#fff;--ink:#1d2126;--quiet:#5c6570;--rule:#dcdfe3;--good:#176d3b;--goodback:#e3f4e9;\
        --bad:#a3211b;--badback:#fce8e6;--warn:#7a4d00;--warnback:#fdf0d5;--accent:#1f5fbf;\
        --c0:#1f5fbf;--c1:#c2410c;--c2:#0f766e;--c3:#7c3aed;--c4:#b45309;--c5:#be185d;--c6:#4d7c0f;--c7:#475569}
        @media (prefers-color-scheme:dark){:root{--back:#15181c;--card:#1d2126;--ink:#e8eaed;--quiet:#a2abb5;\
        --rule:#363c44;--good:#7fd6a0;--goodback:#17382a;--bad:#ff9d94;--badback:#46201d;--warn:#f2c879;\
        --warnback:#42320f;--accent:#8ab4f8;--c0:#8ab4f8;--c1:#ffab7a;--c2:#5fd3c4;--c3:#c4a7ff;--c4:#f2c879;\
        --c5:#ff9dc6;--c6:#b5e07a;--c7:#b8c1cc}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--back);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
        main{max-width:72rem;margin:0 auto;padding:1.25rem 1rem 4rem}
        h1{font-size:1.7rem;line-height:1.2;margin:.6rem 0 .2rem;overflow-wrap:anywhere}
        h2{font-size:1.15rem;margin:2rem 0 .6rem}
        .lead{font-size:1.08rem;margin:.2rem 0;max-width:46rem}
        .quiet{color:var(--quiet);font-size:.88rem;margin:.2rem 0;overflow-wrap:anywhere}
        .verdict{display:inline-block;margin:0;padding:.2rem .8rem;border-radius:1rem;font-weight:600;\
        overflow-wrap:anywhere}
        .passed{color:var(--good);background:var(--goodback)}
        .failed{color:var(--bad);background:var(--badback)}
        .inconclusive{color:var(--warn);background:var(--warnback)}
        .findings{padding-left:1.2rem}.findings li{overflow-wrap:anywhere;margin:.3rem 0}.findings strong{color:var(--bad)}
        .numbers{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.6rem,1fr));gap:.6rem;margin:1.4rem 0 0}
        .numbers div{background:var(--card);border:1px solid var(--rule);border-radius:.5rem;padding:.6rem .8rem}
        .numbers div:first-child{grid-column:span 2}
        .numbers dt{color:var(--quiet);font-size:.82rem}
        .numbers dd{margin:0;font-size:1.2rem;font-weight:600;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
        @media (max-width:28rem){.numbers{grid-template-columns:1fr 1fr}.numbers dd{font-size:1rem}}
        .picture{margin:0;background:var(--card);border:1px solid var(--rule);border-radius:.5rem;padding:.8rem}
        figcaption{color:var(--quiet);font-size:.85rem;margin-bottom:.7rem}
        .lane{display:grid;grid-template-columns:8.5rem 1fr;gap:.6rem;align-items:start;margin:.15rem 0}
        @media (max-width:40rem){.lane{grid-template-columns:1fr;gap:0;margin:.35rem 0}}
        .label{font-size:.82rem;color:var(--quiet);line-height:1.3;padding-top:.15rem;overflow-wrap:anywhere}
        .track{position:relative;background:linear-gradient(var(--rule),var(--rule)) 0 100%/100% 1px no-repeat;\
        margin-right:1.6rem}
        .track>span{position:absolute}
        .step{min-width:20px;height:20px;padding:0 4px;border-radius:10px;background:var(--accent);color:var(--card);\
        font:600 12px/20px system-ui,sans-serif;text-align:center;transform:translateX(-2px)}
        .step.bad{background:var(--bad)}
        .down{top:6px;height:12px;min-width:3px;border-radius:3px;background:var(--bad)}
        .restart,.epoch{top:6px;width:0;height:0;transform:translateX(-5px)}
        .restart{border:5px solid transparent;border-top:0;border-bottom:10px solid var(--c1)}
        .epoch{width:9px;height:9px;background:var(--c3);transform:translateX(-5px) rotate(45deg)}
        .chart{height:110px;margin-top:.5rem}
        .chart svg{width:100%;height:100%;display:block}
        .line{fill:none;stroke-width:2;vector-effect:non-scaling-stroke}
        .axis{height:22px;background:none;font-size:.8rem;color:var(--quiet);font-variant-numeric:tabular-nums}
        .axis span{transform:translateX(-50%)}.axis span:first-child{transform:none}
        .c0{--c:var(--c0)}.c1{--c:var(--c1);stroke-dasharray:7 3}.c2{--c:var(--c2)}.c3{--c:var(--c3);\
        stroke-dasharray:3 3}.c4{--c:var(--c4)}.c5{--c:var(--c5);stroke-dasharray:10 3 2 3}.c6{--c:var(--c6)}\
        .c7{--c:var(--c7);stroke-dasharray:5 5}.line{stroke:var(--c)}.log{--c:var(--quiet)}
        .keys{list-style:none;display:flex;flex-wrap:wrap;gap:.2rem 1rem;margin:.3rem 0 .6rem;padding:0;font-size:.85rem}
        .key{display:inline-block;width:1.9rem;height:.7rem;margin-right:.35rem;vertical-align:middle}
        .scroll{overflow-x:auto}
        table{border-collapse:collapse;width:100%;font-size:.92rem;font-variant-numeric:tabular-nums}
        th,td{text-align:left;padding:.35rem .9rem .35rem 0;border-bottom:1px solid var(--rule);vertical-align:top}
        td:not(:nth-child(3)){white-space:nowrap}th{color:var(--quiet);font-weight:600;white-space:nowrap}
        summary{cursor:pointer}
        .more{margin-top:2rem}
        pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:.82rem;background:var(--back);padding:.5rem;\
        border-radius:.3rem;margin:.3rem 0;max-width:60rem}
        a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
        """
}
