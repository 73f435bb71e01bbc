use demarche::classify::{Request, read};
use demarche::model::*;
use demarche::party::Registry;
use std::io::BufRead;
fn main() {
    let registry = Registry::embedded().unwrap();
    let model = Model::open(std::path::Path::new(&std::env::var("M").unwrap_or("/tmp/w/model".into()))).unwrap();
    for line in std::io::stdin().lock().lines() {
        let text = line.unwrap();
        let r = read(&registry, &Request { text: &text, ..Request::default() }, &|| false).unwrap();
        for p in &r.proposals.sentences {
            let t = &p.tree;
            for (i, u) in t.units.iter().enumerate() { print!("{}/{}/{}>{} ", u.word(&r.document), t.tags[i].name(), t.relations[i].name(), t.head(i).map_or("ROOT", |h| t.units[h].word(&r.document))); }
            println!();
        }
        for m in &r.mentions.list { println!("  M {} {:?} {:?} phrase={:?}", registry.get(m.party).code, m.form, m.role, &text[m.span.range()]); }
        for c in &r.proposals.candidates {
            let f = r.vector(model.vocabulary(), c); let p = model.predict(&f);
            println!("  {} > {}  none {:.2} al {:.2} ne {:.2} op {:.2}", registry.get(c.holder).code, c.target.map_or("ISSUE".into(), |t| registry.get(t).code.to_string()), p.probabilities[0], p.probabilities[1], p.probabilities[2], p.probabilities[3]);
            for path in &c.paths { println!("      {:?} h={} t={} bound={}", path.words().map(|(s, w, role)| format!("{s}:{}:{role}", p_word(&r2(&r, c.sentence), w))).collect::<Vec<_>>(), path.holder_role, path.target_role, path.is_bound); }
            if std::env::var("X").is_ok() { let (s, _) = p.stance(); for t in model.explain(&f, Label::Stance(s)).iter().take(12) { println!("        {:+.3} {}", t.contribution, t.term); } 
              for t in model.explain(&f, Label::None).iter().take(8) { println!("        none {:+.3} {}", t.contribution, t.term); } }
        }
    }
}
fn r2(r: &demarche::classify::Reading<'_>, s: usize) -> Vec<String> { let p = r.proposals.sentences.iter().find(|p| p.sentence == s).unwrap(); (0..p.tree.units.len()).map(|i| p.tree.units[i].word(&r.document).to_string()).collect() }
fn p_word(v: &[String], i: usize) -> String { v[i].clone() }
