use demarche::classify::{Request, read};
use demarche::party::Registry;
fn main() {
    let registry = Registry::embedded().unwrap();
    for file in std::env::args().skip(1) {
        for line in std::fs::read_to_string(file).unwrap().lines() {
            let v: serde_json::Value = serde_json::from_str(line).unwrap();
            let text = v["text"].as_str().unwrap();
            let r = read(&registry, &Request { text, ..Request::default() }, &|| false).unwrap();
            let (a, b) = (v["actor"].as_str().unwrap(), v["target"].as_str().unwrap());
            let fs: Vec<Vec<String>> = r.proposals.candidates.iter().filter(|c| &*registry.get(c.holder).code == a && c.target.is_some_and(|t| &*registry.get(t).code == b)).map(|c| r.features(c)).collect();
            let back: Vec<Vec<String>> = r.proposals.candidates.iter().filter(|c| &*registry.get(c.holder).code == b && c.target.is_some_and(|t| &*registry.get(t).code == a)).map(|c| r.features(c)).collect();
            println!("{}", serde_json::json!({"id": v["id"], "l": v["label"], "fwd": fs, "back": back, "text": text}));
        }
    }
}
