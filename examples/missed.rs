//! dev
use demarche::*;
fn main() {
    let registry = party::Registry::embedded().unwrap();
    let articles = corpus::read_corpus(std::path::Path::new(&std::env::var("CORPUS").unwrap_or("data/corpus".into()))).unwrap();
    let arg = std::env::args().nth(1).unwrap_or_default();
    if arg == "text" {
        let text = std::fs::read_to_string(std::env::args().nth(2).unwrap()).unwrap();
        let req = classify::Request { text: &text, date: std::env::args().nth(3).and_then(|d| d.parse().ok()), ..Default::default() };
        let r = classify::read(&registry, &req, &|| false).unwrap();
        for (i, s) in r.document.sentences.iter().enumerate() {
            println!("--- {i} {:?} [{}]", s.kind, &text[s.span.range()]);
            for m in r.mentions.list.iter().filter(|m| m.sentence == i) {
                println!("    {} {:?} {:?} person={} poss={} «{}»", registry.get(m.party).code, m.form, m.role, m.person, m.possessive, &text[m.span.range()]);
            }
            for c in r.candidates.iter().filter(|c| c.sentence == i) {
                println!("    > {} -> {} : {}", registry.get(c.holder).code, c.target.map_or("ISSUE".into(), |t| registry.get(t).code.to_string()), c.cues.iter().map(|l| format!("{}{}[{:?}>{:?}]{:?}{}", if l.negated {"-"} else {""}, relation::Cues::get().lemma(&r.document, &l.cue), l.holder, l.target, l.modality, if l.nested {" nested"} else {""})).collect::<Vec<_>>().join(" "));
            }
        }
        return;
    }
    let kept: Vec<_> = articles.iter().filter(|a| a.part() == corpus::Part::Train).collect();
    let l = corpus::label_articles(&kept, &registry);
    if arg == "cands" {
        for art in &kept {
            let r = classify::read(&registry, &classify::Request { text: &art.text, date: art.date.parse().ok(), issue: art.issue.as_deref(), speaker: art.speaker.as_deref(), ..Default::default() }, &|| false).unwrap();
            for c in &r.candidates {
                let x = r.document.sentences[c.sentence].span;
                println!("{}\t{}\t{}\t{}\t{}\t{}", art.id, c.sentence, registry.get(c.holder).code, c.target.map_or("ISSUE".into(), |t| registry.get(t).code.to_string()), c.cues.iter().map(|l| format!("{}{}[{}>{}]", if l.negated {"-"} else {""}, relation::Cues::get().lemma(&r.document, &l.cue), l.holder.name(), l.target.name())).collect::<Vec<_>>().join(" "), art.text[x.range()].replace('\n', " "));
            }
        }
        return;
    }
    if arg == "dump" {
        for e in &l.examples { println!("{}\t{}\t{}", e.label.name(), e.article, e.features.join("\t")); }
        return;
    }
    println!("{} of {} missed", l.missed.len(), l.stances);
    for (a, s) in &l.missed {
        let art = kept[*a]; let st = &art.stances[*s];
        let r = classify::read(&registry, &classify::Request { text: &art.text, date: art.date.parse().ok(), issue: art.issue.as_deref(), speaker: art.speaker.as_deref(), ..Default::default() }, &|| false).unwrap();
        let span = art.evidence_span(st).unwrap();
        let has = |code: &str| r.mentions.list.iter().filter(|m| m.span.start >= span.start && m.span.end <= span.end && &*registry.get(m.party).code == code).map(|m| format!("{:?}/{:?}", m.form, m.role)).collect::<Vec<_>>().join(",");
        let cands = r.candidates.iter().filter(|c| { let x = r.document.sentences[c.sentence].span; x.start < span.end && span.start < x.end });
        let c: Vec<String> = cands.map(|c| format!("{}>{}:{}", registry.get(c.holder).code, c.target.map_or("I".into(), |t| registry.get(t).code.to_string()), c.cues.iter().map(|l| format!("{}[{}>{}]", relation::Cues::get().lemma(&r.document, &l.cue), l.holder.name(), l.target.name())).collect::<Vec<_>>().join(","))).collect();
        println!("{} {}>{} {} H({}) T({}) | {} || {}", art.id, st.holder, st.target, st.stance, has(&st.holder), has(&st.target), st.evidence, c.join("; "));
    }
}
