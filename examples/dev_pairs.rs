use demarche::classify::{Request, read};
use demarche::model::*;
use demarche::party::Registry;
fn main() {
    let registry = Registry::embedded().unwrap();
    let model = Model::open(std::path::Path::new(&std::env::var("M").unwrap_or("/tmp/w/model".into()))).unwrap();
    let file = std::env::args().nth(1).unwrap();
    for line in std::fs::read_to_string(file).unwrap().lines() {
        let v: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = v["text"].as_str().unwrap();
        let r = read(&registry, &Request { text, ..Request::default() }, &|| false).unwrap();
        let find = |a: &str, b: &str| r.proposals.candidates.iter().filter(|c| &*registry.get(c.holder).code == a && c.target.is_some_and(|t| &*registry.get(t).code == b)).map(|c| { let p = model.predict(&r.vector(model.vocabulary(), c)); let (s, q) = p.stance(); format!("{} {:.2} [{}>{}{}]{}", s, q, c.paths[0].holder_role, c.paths[0].target_role, if c.paths[0].is_bound {""} else {"~"}, if demarche::relation::Candidate::voice(&c.cues[0]) == demarche::stance::Voice::AttributedByOther {" nested"} else {""}) }).collect::<Vec<_>>().join(" ; ");
        let (a, b) = (v["actor"].as_str().unwrap(), v["target"].as_str().unwrap());
        let m: Vec<String> = r.mentions.list.iter().map(|m| format!("{}:{:?}:{:?}", registry.get(m.party).code, m.form, m.role)).collect();
        println!("{} {}>{} {} | fwd {} | back {} | {} | {}", v["id"].as_str().unwrap(), a, b, v["label"].as_str().unwrap(), find(a, b), find(b, a), m.join(" "), text);
    }
}
