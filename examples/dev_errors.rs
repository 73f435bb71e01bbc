use demarche::classify::{Request, read};
use demarche::corpus::{Part, read_corpus};
use demarche::model::*;
use demarche::party::Registry;
use demarche::stance::Stance;
fn main() {
    let registry = Registry::embedded().unwrap();
    let articles = read_corpus(std::path::Path::new("data/corpus")).unwrap();
    let kept: Vec<_> = articles.iter().filter(|a| a.part() == Part::Train).collect();
    let mut examples = vec![];
    let mut info = vec![];
    let mut unreached = vec![];
    for (number, a) in kept.iter().enumerate() {
        let request = Request { title: &a.title, text: &a.text, date: a.date.parse().ok(), issue: a.issue.as_deref(), speaker: a.speaker.as_deref(), ..Request::default() };
        let reading = read(&registry, &request, &|| false).unwrap();
        let mut reached = vec![false; a.stances.len()];
        for c in &reading.proposals.candidates {
            let s = reading.document.sentences[c.sentence].span;
            let h = registry.get(c.holder).code.to_string();
            let t = c.target.map_or("ISSUE".to_string(), |id| registry.get(id).code.to_string());
            let f = a.stances.iter().position(|st| { let e = a.evidence_span(st).unwrap(); e.start < s.end && s.start < e.end && st.holder == h && st.target == t });
            let label = f.map_or(Label::None, |i| { reached[i] = true; Label::Stance(a.stances[i].stance) });
            let m = f.map_or(String::new(), |i| format!("{:?}/{:?}", a.stances[i].voice, a.stances[i].modality));
            examples.push(Example { features: reading.features(c), label, article: number });
            if std::env::var("DUMP").is_ok() {
                let parsed = reading.proposals.sentences.iter().find(|p| p.sentence == c.sentence).unwrap();
                let tree = &parsed.tree;
                let w = |u: usize| tree.units[u].word(&reading.document).to_string();
                let mut path: Vec<String> = vec![]; let mut kids: Vec<String> = vec![];
                for p in &c.paths { for (_, u, _) in p.words() { path.push(w(u)); for d in tree.dependents(u) { kids.push(w(d)); } } }
                let sent: Vec<String> = (0..tree.units.len()).map(w).collect();
                println!("{}", serde_json::json!({"f": examples.last().map(|e: &Example| e.features.clone()), "l": label.name(), "a": number, "path": path, "kids": kids, "sent": sent, "issue": t == "ISSUE"}));
            }
            info.push((a.id.clone(), h, t, a.text[s.range()].replace('\n', " "), m));
        }
        for (i, r) in reached.iter().enumerate() { if !r { let st = &a.stances[i]; unreached.push((a.id.clone(), st.holder.clone(), st.target.clone(), st.stance, st.evidence.clone())); } }
    }
    if std::env::var("DUMP").is_ok() { return; }
    let mut options = TrainOptions::default();
    options.columns = 60000;
    if let Ok(a) = std::env::var("ALPHA") { options.alpha = a.parse().unwrap(); }
    let (logits, t) = cross_validate(&examples, &options, || ()).unwrap();
    let th: f64 = std::env::var("TH").map_or(0.3, |t| t.parse().unwrap());
    let mut tally = std::collections::BTreeMap::new();
    for (i, e) in examples.iter().enumerate() {
        let p = Prediction::of(logits[i].map(|l| l / t));
        let (s, pr) = p.stance();
        let given = if pr >= th { Label::Stance(s) } else { Label::None };
        let kind = if info[i].2 == "ISSUE" { "issue" } else { "party" };
        for k in [kind, "all"] {
            let y: &mut [usize; 4] = tally.entry(k).or_default();
            match (e.label, given) { (Label::None, Label::None) => {}, (Label::None, _) => y[1] += 1, (_, Label::None) => y[2] += 1, (a, b) if a == b => y[0] += 1, _ => y[3] += 1 }
        }
        if e.label != given {
            let (id, h, tt, text, m) = &info[i];
            println!("{id}\t{h}>{tt}\tgold {} {m}\tgot {} {pr:.2}\t{text}", e.label.name(), given.name());
        }
    }
    for u in &unreached { println!("UNREACHED {}\t{}>{}\t{:?}\t{}", u.0, u.1, u.2, u.3, u.4); }
    for (k, y) in tally {
        let p = y[0] as f64 / (y[0] + y[1] + y[3]) as f64; let r = y[0] as f64 / (y[0] + y[2] + y[3]) as f64;
        eprintln!("{k}: right {} false {} missed {} mislabelled {}; P {p:.3} R {r:.3} F1 {:.3}", y[0], y[1], y[2], y[3], 2.0 * p * r / (p + r));
    }
    let _ = Stance::Aligned;
}
