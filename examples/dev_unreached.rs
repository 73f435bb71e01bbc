use demarche::classify::{Request, read};
use demarche::corpus::read_corpus;
use demarche::party::Registry;
use demarche::party::Role;
fn main() {
    let registry = Registry::embedded().unwrap();
    let articles = read_corpus(std::path::Path::new("data/corpus")).unwrap();
    let mut why: std::collections::BTreeMap<String, usize> = Default::default();
    for a in &articles {
        let request = Request { title: &a.title, text: &a.text, date: a.date.parse().ok(), issue: a.issue.as_deref(), speaker: a.speaker.as_deref(), ..Request::default() };
        let r = read(&registry, &request, &|| false).unwrap();
        for st in &a.stances {
            let e = a.evidence_span(st).unwrap();
            let inside = |s: usize| { let s = r.document.sentences[s].span; e.start < s.end && s.start < e.end };
            let ok = r.proposals.candidates.iter().any(|c| inside(c.sentence) && &*registry.get(c.holder).code == st.holder && c.target.map_or("ISSUE", |t| &*registry.get(t).code) == st.target);
            if ok { *why.entry("ok".into()).or_default() += 1; continue; }
            let hm: Vec<_> = r.mentions.list.iter().filter(|m| inside(m.sentence) && &*registry.get(m.party).code == st.holder).collect();
            let tm = st.target == "ISSUE" || r.mentions.list.iter().any(|m| inside(m.sentence) && &*registry.get(m.party).code == st.target);
            let holder = r.proposals.candidates.iter().any(|c| inside(c.sentence) && &*registry.get(c.holder).code == st.holder);
            let w = format!("{}{}", if hm.is_empty() && !holder { "no holder mention" } else if !hm.iter().any(|m| m.role == Role::State) && !holder { "holder not state" } else if !holder { "holder not proposed" } else { "" }, if !tm { " no target mention" } else if holder { " pair filtered" } else { "" });
            *why.entry(w.clone()).or_default() += 1;
            println!("{w}\t{} {}>{} {} | {}", a.id, st.holder, st.target, st.stance, st.evidence.replace('\n', " "));
        }
    }
    eprintln!("{why:#?}");
}
